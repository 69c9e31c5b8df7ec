"""Solve the shipped library and keep what is better than the best values known.

    python -m benchmarks.fill_known [NAME ...] [--time-limit SECONDS]

A value or a bound that is no better than the known one changes nothing. Those of an instance that has changed since
are dropped first.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Sequence

import solvers
from instances import files, library
from instances.library import Known
from instances.partial_loading.solution import Solution

EQUAL = 1e-9
"""Relative difference below which a value and a bound are the same number."""


def merged(known: Known | None, solution: Solution, day: datetime.date) -> Known | None:
    """What is known of an instance once this solution is; the very record given when the solution adds nothing.

    Raises
    ------
    ValueError
        When solution and record contradict each other: a value above a proven bound.
    """
    if solution.objective is None or solution.instance_sha256 is None or solution.method is None:
        return known
    if known is None or known.instance_sha256 != solution.instance_sha256:
        best, bound, method = solution.objective, solution.bound, solution.method
    else:
        improves = solution.objective > known.best * (1 + EQUAL)
        best, method = (solution.objective, solution.method) if improves else (known.best, known.method)
        bound = min((b for b in (known.bound, solution.bound) if b is not None), default=None)
        if (best, bound) == (known.best, known.bound):
            return known
    if bound is not None and best > bound * (1 + EQUAL):
        raise ValueError(f"{solution.instance}: a value of {best} is above a proven bound of {bound}")
    return Known(
        instance_sha256=solution.instance_sha256,
        best=best,
        bound=bound,
        status="optimal" if bound is not None and bound - best <= EQUAL * bound else "feasible",
        method=method,
        date=day,
    )


def current() -> dict[str, Known]:
    """The values known of instances that are still in the library as they were."""
    values = library.known()
    return {
        name: values[name]
        for name in library.names()
        if name in values and values[name].instance_sha256 == files.sha256(library.load(name))
    }


def fill(names: Sequence[str], time_limit: float) -> None:
    """Solve these instances in turn; what was learnt is written after each."""
    values = current()
    for name in names:
        solution = solvers.solve(library.load(name), time_limit=time_limit)
        value = merged(values.get(name), solution, datetime.datetime.now(datetime.UTC).date())
        if value is not None:
            values[name] = value
            library.write_known(values)
        total_s = solution.timing.total_s if solution.timing else None
        print(
            f"{name}: {solution.objective} of at most {solution.bound}, {solution.termination}, {total_s} s", flush=True
        )


def main() -> None:
    """Read the arguments and fill."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fill_known", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="instances of the library [all]")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds for each instance [60]")
    arguments = parser.parse_args()
    fill(arguments.names or library.names(), arguments.time_limit)


if __name__ == "__main__":
    main()
