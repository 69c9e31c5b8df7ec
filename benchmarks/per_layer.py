"""Speed of the closed form for one speed per layer: the hull of a model, against CVXPY with Clarabel.

Run it from the root of a source tree, since the random devices are in the tests:

    python -m partload.benchmarks.per_layer [--users 100000]

Three comparisons:

- Single devices, each with a random model. The convex problem is built before; its time is that of setting its
  parameters and solving, with Clarabel's own time beside it. The hull is built anew each time.
- Many users of one model at a time, by the hull.
- ``RANDOM`` random users of up to 30 layers, each with a model of its own: the convex problems one by one, and the
  hulls of all users at once, from the same numbers. For the largest difference of the energies, the convex problems are
  solved again in the units of the hull's result.

Each time is the best of several passes. Prints tables with versions and date. Exit status 1 when the hull is less than
``FASTER`` times as fast for users of one model or with a model each, or an energy differs by more than ``WITHIN``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from partload.benchmarks.timing import best_of
from partload.benchmarks.versions import versions
from partload.instances.slide.layer_speeds import Devices, least_energy_speeds, least_rate
from partload.instances.slide.speed_hull import SpeedHull
from partload.solvers import convex
from tests.support.slide_speeds import KINDS, Case, convex_energy, of_each, prepared, random_case

LAYERS = (10, 30, 50)
CASES, PASSES = 20, 5
RANDOM, FEW = 1000, 3
"""Number of users with a model each, and of passes over their convex problems."""
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
    """The table of users with a model each, the least speed-up, and the largest relative difference of energies."""
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
    return best_of(passes, action, clock)[0]


def _cases(layers: int) -> list[Case]:
    """Random devices whose models have this number of layers."""
    drawn = (random_case(seed, "with a least speed", layers) for seed in range(100_000))
    cases = (case for case in drawn if len(case.bits) == layers)
    return [next(cases) for _ in range(CASES)]


def _solve(case: Case) -> float:
    """Set the parameters of the convex problem of the case, solve it, and return the solver's own time [s]."""
    problem = prepared(case).problem
    convex.run(problem)
    return problem.solver_stats.solve_time or np.nan


def _users(case: Case, count: int) -> tuple[SpeedHull, Devices, NDArray[np.float64]]:
    """Different users of the model of a case: the speed hull, the devices, and their rates.

    Energy budgets are 1 to 4 times the energy of the work when it fills the deadline. Rates are 1 to 2 times the least.
    """
    random = np.random.default_rng(0)
    model = case.model()
    deadline = case.deadline_s * random.uniform(1, 2, count)
    fastest = case.fastest * random.uniform(1, 2, count)
    budget = model.work_flop * (model.work_flop / deadline) ** 2 * random.uniform(1, 4, count)
    devices = Devices(deadline, 0.1 * model.work_flop / deadline, fastest, budget, np.ones(count))
    return model, devices, least_rate(model, devices) * random.uniform(1, 2, count)


if __name__ == "__main__":
    sys.exit(main())
