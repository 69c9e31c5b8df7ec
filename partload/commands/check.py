"""``partload check``: is a solution feasible, and is everything true that it states?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partload import console
from partload.commands import completion

if TYPE_CHECKING:
    from partload.instances.records import AnyInstance
    from partload.instances.solution import SolutionHeader
    from partload.instances.verdict import Report
    from partload.solvers.bounds import Distance
    from partload.views import Derived

AGREE = 1e-6
"""The closed form and the convex optimum agree when their relative difference is at most this."""


def check(
    instance: Annotated[
        str,
        typer.Argument(
            help="Instance file, name of an instance of the library, or - for standard input.",
            autocompletion=completion.instances,
        ),
    ],
    solution: Annotated[Path, typer.Argument(help="Solution file.")],
    convex: Annotated[
        bool,
        typer.Option(
            "--convex", help="Derive the bandwidth again, in closed form and by convex optimization, and compare."
        ),
    ] = False,
    measured: Annotated[
        bool,
        typer.Option(
            "--measured", help="The times were measured: judge them as they are, and compare them with the model."
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON and nothing else.")] = False,
) -> int:
    """Check a solution, from any program, against all rules.

    Exit status 0 when the solution is feasible, 1 when it is not; then every violation is listed. A feasible plan is
    compared with a combinatorial upper bound.
    """
    from partload.instances import extras
    from partload.instances.checking import check as judge
    from partload.instances.errors import InputError
    from partload.instances.problems import problem_of
    from partload.instances.reading import read_instance, read_solution
    from partload.solvers import bounds

    record, claimed = read_instance(instance), read_solution(solution)
    problem, solved = problem_of(record), problem_of(claimed)
    if solved is not problem:
        expected = f"expected a solution of {problem.name}, the problem of {record.name!r}"
        raise InputError(f"{expected}; this is a solution of {solved.name}", source=str(solution))
    if measured:
        from partload import measurements

        if convex:
            raise InputError("expected without --measured, it derives bandwidths of plans", source="--convex")
        try:
            run = problem.check_measured(record, claimed)
        except InputError as error:
            raise error if error.source else error.within(str(solution)) from None
        measurements.show_json(run) if json else measurements.show(run)
        return 0 if run.feasible else 1
    rederivation = f"partload.solvers.{problem.package}.bandwidth.rederivation"
    rederive = extras.load(rederivation, "check --convex") if convex else None
    report = judge(record, claimed)
    distance = bounds.distance(record, report.objective or 0.0) if report.feasible else None
    if json:
        show_json(report, distance)
        return 0 if report.feasible else 1
    if report.feasible:
        print(f"feasible, objective {console.number(report.objective)}")
        print(distance)
        if rederive is None:
            return 0
        derived = rederive.rederived(record, claimed.plan(), report.times)
        return 0 if show_derived(record, claimed, derived) <= AGREE else 1
    console.violations(report.violations)
    if all(violation.rule == "times" for violation in report.violations):
        print("if these times were measured, add --measured")
    return 1


def show_json(report: Report[object], distance: Distance | None) -> None:
    """Print a verdict as JSON; amounts that are infinite are null."""
    from json import dumps

    violations = [console.violation_document(violation) for violation in report.violations]
    verdict = {"feasible": report.feasible, "objective": report.objective}
    bounds = {"bound": distance and distance.bound, "gap": distance and distance.gap}
    print(dumps(verdict | bounds | {"violations": violations}, indent=1))


def show_derived(instance: AnyInstance, solution: SolutionHeader, derived: Sequence[Derived]) -> float:
    """Print the bandwidths that were derived again; return the largest relative difference."""
    from partload.views import view_of

    view_of(instance).show_derived(instance, solution, derived)
    largest = max((found.difference for found in derived), default=0.0)
    print(f"largest relative difference {largest:.1e}, at most {AGREE:g} counts as agreement")
    return float(largest)
