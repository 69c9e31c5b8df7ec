"""How fast the speeds of layers are found: from the hull of a model, against CVXPY with Clarabel.

Run from the root of a source tree, where the random devices live among the tests:

    python -m benchmarks.per_layer [--users 100000]

First, single devices, each with a random model of its own: the convex problem, made before for as many layers, with its
parameters set and solved, and Clarabel's own part of that; the same by the hull, built anew each time. Then many users
of one model at a time, as instances have them. Prints tables with versions and date; each time is the best of some
passes. Exit status 1 when the hull is not ``FASTER`` times as fast for users of one model.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.versions import versions
from instances.slide.per_layer import Devices, least_energy, least_rate
from instances.slide.staircase import Staircase
from solvers import convex
from tests.slide_speeds import Case, prepared, random_case

LAYERS = (10, 30, 50)
CASES, PASSES = 20, 5
FASTER = 100


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=100_000)
    users = parser.parse_args().users
    table = Table("layers", "CVXPY [ms]", "Clarabel [ms]", "hull anew [ms]", "hull, of many [µs]", "times")
    rates = Table("layers", "speeds [s]", "least rates, with budgets [s]", title=f"{users} users of one model")
    least = np.inf
    for layers in LAYERS:
        cases = _cases(layers)
        one = float(np.mean([_best(partial(_solve, case)) for case in cases]))
        inside = float(np.mean([min(_solve(case) for _ in range(PASSES)) for case in cases]))
        anew = float(np.mean([_best(case.speeds) for case in cases]))
        model, devices, rate = _users(cases[0], users)
        together = _best(partial(least_energy, model, devices, rate))
        with_budget = _best(partial(least_rate, model, devices))
        ratio = one / (together / users)
        least = min(least, ratio)
        table.add_row(
            str(layers),
            f"{1e3 * one:.1f}",
            f"{1e3 * inside:.1f}",
            f"{1e3 * anew:.2f}",
            f"{1e6 * together / users:.2f}",
            f"{ratio:,.0f}",
        )
        rates.add_row(str(layers), f"{together:.2f}", f"{with_budget:.2f}")
    console = Console()
    console.print(table, rates)
    console.print(versions(), highlight=False, soft_wrap=True)
    return 0 if least >= FASTER else 1


def _best(action: Callable[[], object]) -> float:
    times = []
    for _ in range(PASSES):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return min(times)


def _cases(layers: int) -> list[Case]:
    """Random devices whose models have so many layers."""
    drawn = (random_case(seed, "with a least speed", layers) for seed in range(100_000))
    cases = (case for case in drawn if len(case.bits) == layers)
    return [next(cases) for _ in range(CASES)]


def _solve(case: Case) -> float:
    """Set the parameters of the problem made for so many layers, solve it, and tell the solver's own time [s]."""
    problem = prepared(case).problem
    convex.run(problem)
    return problem.solver_stats.solve_time or np.nan


def _users(case: Case, count: int) -> tuple[Staircase, Devices, np.ndarray]:
    """So many users of the model of a case, all different; budgets between what no wait and what little rate takes."""
    random = np.random.default_rng(0)
    model = case.model()
    deadline = case.deadline_s * random.uniform(1, 2, count)
    fastest = case.fastest * random.uniform(1, 2, count)
    budget = model.work_flop * (model.work_flop / deadline) ** 2 * random.uniform(1, 4, count)
    devices = Devices(deadline, 0.1 * model.work_flop / deadline, fastest, budget, np.ones(count))
    return model, devices, least_rate(model, devices) * random.uniform(1, 2, count)


if __name__ == "__main__":
    sys.exit(main())
