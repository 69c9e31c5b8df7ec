"""How fast the speeds of layers are found: from the hull of a model, against CVXPY with Clarabel.

Run from the root of a source tree, where the random devices live among the tests:

    python -m partload.benchmarks.per_layer [--users 100000]

First, single devices, each with a random model of its own: the convex problem, made before for as many layers, with its
parameters set and solved, and Clarabel's own part of that; the same by the hull, built anew each time. Then many users
of one model at a time. Last, ``RANDOM`` random users of up to 30 layers with a model each: the convex problems one
after the other, against hulls and speeds of all at once, from the same numbers; and how far the energies differ at
most, the convex problems solved again in the units of what was found. Prints tables with versions and date; each time
is the best of some passes. Exit status 1 when the hull is not ``FASTER`` times as fast for users of one model or with a
model each, or an energy differs by more than ``WITHIN``.
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

from partload.benchmarks.versions import versions
from partload.instances.slide.layer_speeds import Devices, least_energy_speeds, least_rate
from partload.instances.slide.speed_hull import SpeedHull
from partload.solvers import convex
from tests.slide_speeds import KINDS, Case, convex_energy, of_each, prepared, random_case

LAYERS = (10, 30, 50)
CASES, PASSES = 20, 5
RANDOM, FEW = 1000, 3
"""Users with a model each, and passes over the convex problems of all of them."""
FASTER = 100
WITHIN = 1e-6


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
        together = _best(partial(least_energy_speeds, model, devices, rate))
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
    each, times, differs = _with_a_model_each()
    console = Console()
    console.print(table, rates, each)
    console.print(f"Energies differ by a relative {differs:.1g} at most.")
    console.print(versions(), highlight=False, soft_wrap=True)
    return 0 if min(least, times) >= FASTER and differs <= WITHIN else 1


def _with_a_model_each() -> tuple[Table, float, float]:
    """The table of users with a model each, how many times as fast they are found, and how far energies differ."""
    cases = [random_case(seed, KINDS[seed % len(KINDS)]) for seed in range(RANDOM)]
    table = Table("time", "CVXPY [s]", "hulls [ms]", "times", title=f"{RANDOM} users with a model each")
    least = np.inf
    for name, clock in (("processor", time.process_time), ("wall", time.perf_counter)):
        one_by_one = _best(lambda: [_solve(case) for case in cases], FEW, clock)
        together = _best(lambda: least_energy_speeds(*of_each(cases)), clock=clock)
        ratio = one_by_one / together
        least = min(least, ratio)
        table.add_row(name, f"{one_by_one:.2f}", f"{1e3 * together:.1f}", f"{ratio:,.0f}")
    speeds = least_energy_speeds(*of_each(cases))
    energies = [case.energy(row[: len(case.bits)]) for case, row in zip(cases, speeds)]
    return table, least, max(abs(energy / convex_energy(case) - 1) for energy, case in zip(energies, cases))


def _best(action: Callable[[], object], passes: int = PASSES, clock: Callable[[], float] = time.perf_counter) -> float:
    times = []
    for _ in range(passes):
        started = clock()
        action()
        times.append(clock() - started)
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


def _users(case: Case, count: int) -> tuple[SpeedHull, Devices, np.ndarray]:
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
