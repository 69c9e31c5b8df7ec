"""Solve the shipped library, and keep values and bounds that improve the best known ones.

    python -m partload.benchmarks.fill_known [NAME ...] [--time-limit SECONDS]

Without names, the instances without a proved optimum. For each instance, an exact method gives a plan and a bound.
While they differ, the LP gives another bound, and local search another plan. A value or bound that does not improve the
known one changes nothing. The known values of an instance that has changed are dropped first.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
from collections.abc import Callable, Sequence

from partload import solvers
from partload.benchmarks.versions import installed
from partload.instances import library, serialisation
from partload.instances.errors import InputError
from partload.instances.library import BestKnown
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance

EQUAL = 1e-9
"""Relative difference up to which a value and a bound count as equal."""
HEURISTICS = {"partial-loading": ("local-search",), "slide": ()}
"""Heuristics that may find a better plan than the exact method, by problem."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """The result of one run on an instance."""

    method: str
    best: float | None = None
    """Weight that a plan serves."""
    bound: float | None = None
    """Upper bound on the weight that any plan serves."""


def merged(known: BestKnown | None, found: Finding, sha256: str, day: datetime.date) -> BestKnown | None:
    """Merge a finding into the best known values of an instance.

    Parameters
    ----------
    known
        The best known values; None for none. Those of another hash are dropped.
    found
        The result of a run.
    sha256
        Hash of the instance.
    day
        Date of the run.

    Returns
    -------
    The merged values; ``known`` itself when the finding does not improve it; None without a value.

    Raises
    ------
    ValueError
        When a value is above a proven bound.
    """
    if known is None or known.instance_sha256 != sha256:
        if found.best is None:
            return None
        best, method, bound = found.best, found.method, found.bound
        bound_method = None if bound is None else found.method
    else:
        best, method, bound, bound_method = known.best, known.method, known.bound, known.bound_method
        if found.best is not None and found.best > best * (1 + EQUAL):
            best, method = found.best, found.method
        if found.bound is not None and (bound is None or found.bound < bound):
            bound, bound_method = found.bound, found.method
        if (best, bound) == (known.best, known.bound):
            return known
    if bound is not None and best > bound * (1 + EQUAL):
        raise ValueError(f"{found.method}: a value of {best!r} is above a proven bound of {bound!r}")
    return BestKnown(
        instance_sha256=sha256,
        best=best,
        bound=bound,
        status="optimal" if bound is not None and bound - best <= EQUAL * bound else "feasible",
        method=method,
        bound_method=bound_method,
        date=day,
        versions=installed(),
    )


def current() -> dict[str, BestKnown]:
    """The best known values of the instances in the library that have not changed since."""
    values = library.known()
    return {
        name: values[name]
        for name in library.names()
        if name in values and values[name].instance_sha256 == serialisation.sha256(library.load(name))
    }


def runs(instance: AnyInstance, time_limit: float) -> list[Callable[[], Finding]]:
    """The runs to try, in this order. A run raises InputError when the instance is too large for it."""

    def solved(method: str | None) -> Finding:
        solution = solvers.solve(instance, method, time_limit=time_limit)
        return Finding(str(solution.method), solution.objective, solution.bound)

    return [
        lambda: solved(None),
        lambda: Finding("relaxation_bound", bound=solvers.relaxation_bound(instance, time_limit)),
        *(lambda method=method: solved(method) for method in HEURISTICS[problem_of(instance).name]),
    ]


def fill(names: Sequence[str], time_limit: float) -> None:
    """Solve the instances in turn. The file of best known values is written after each improvement."""
    values = current()
    for name in names:
        instance = library.load(name)
        for run in runs(instance, time_limit):
            try:
                found = run()
            except InputError as error:
                print(f"{name}: {error}", flush=True)
                continue
            print(f"{name}: {found.method}: {found.best} of at most {found.bound}", flush=True)
            today = datetime.datetime.now(datetime.UTC).date()
            value = merged(values.get(name), found, serialisation.sha256(instance), today)
            if value is not None:
                values[name] = value
                library.write_known(values)
                if value.status == "optimal":
                    break


def main() -> None:
    """Read the arguments, and solve the instances."""
    parser = argparse.ArgumentParser(
        prog="python -m partload.benchmarks.fill_known", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="instances of the library [those without a proved optimum]"
    )
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds for each run [60]")
    arguments = parser.parse_args()
    proved = {name for name, value in current().items() if value.status == "optimal"}
    fill(arguments.names or [name for name in library.names() if name not in proved], arguments.time_limit)


if __name__ == "__main__":
    main()
