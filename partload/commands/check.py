"""``partload check``: does a solution keep every rule, whoever made it?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from partload import console

AGREE = 1e-6
"""Largest relative difference between closed form and convex optimum that counts as agreement."""


def check(
    instance: Annotated[str, typer.Argument(help="Instance file, or the name of one in the library.")],
    solution: Annotated[Path, typer.Argument(help="Solution file.")],
    convex: Annotated[
        bool,
        typer.Option("--convex", help="Derive the bandwidth again, in closed form and by convex optimization."),
    ] = False,
) -> int:
    """Judge a solution, whoever made it.

    Exit status 0 when it is feasible, 1 when it is not, with everything that is wrong.
    """
    from partload.instances import extras
    from partload.instances.errors import InputError
    from partload.instances.problems import check as judge
    from partload.instances.problems import problem_of
    from partload.instances.reading import read_instance, read_solution

    record, judged = read_instance(instance), read_solution(solution)
    problem, solved = problem_of(record), problem_of(judged)
    if solved is not problem:
        wrong = f"expected a solution of {problem.name}, as {record.name!r} is, this one is of {solved.name}"
        raise InputError(wrong, source=str(solution))
    rederive = (
        extras.load(f"partload.solvers.{problem.package}.bandwidth.rederivation", "check --convex") if convex else None
    )
    report = judge(record, judged)
    if report.feasible:
        print(f"feasible, objective {console.number(report.objective)}")
        if rederive is None:
            return 0
        derived = rederive.rederived(record, judged.plan(), report.times)
        return 0 if show_derived(record, judged, derived) <= AGREE else 1
    count = len(report.violations)
    print(f"not feasible, {count} violation{'s' if count > 1 else ''}")
    columns = ("rule", "where", "ids", "amount>", "problem")
    rows = ((v.rule, v.place, console.listed(v.ids), console.rounded(v.amount), v.problem) for v in report.violations)
    console.table(columns, rows)
    return 1


def show_derived(instance: Any, solution: Any, derived: Sequence[Any]) -> float:
    """Print what was derived again of each part of the plan; returns the largest relative difference."""
    from partload import shown

    shown.of(instance).show_derived(instance, solution, derived)
    largest = max((found.difference for found in derived), default=0.0)
    print(f"largest relative difference {largest:.1e}, at most {AGREE:g} counts as agreement")
    return float(largest)
