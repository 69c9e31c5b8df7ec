"""``partload check``: does a solution keep every rule, whoever made it?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partload import console

if TYPE_CHECKING:
    from instances.partial_loading.instance import Instance
    from instances.partial_loading.solution import Solution
    from solvers.partial_loading.rederive import Derived


AGREE = 1e-6
"""Largest relative difference between closed form and convex optimum that counts as agreement."""


def check(
    instance: Annotated[str, typer.Argument(help="Instance file, or the name of one in the library.")],
    solution: Annotated[Path, typer.Argument(help="Solution file.")],
    convex: Annotated[
        bool, typer.Option("--convex", help="Derive the bandwidth of each slot again, by convex optimization too.")
    ] = False,
) -> int:
    """Judge a solution file: exit 0 when it is feasible, 1 when not, with everything that is wrong."""
    from instances import extras
    from instances.problems import check as judge
    from instances.problems import problem_of
    from instances.reading import read_instance, read_solution

    record, judged = read_instance(instance), read_solution(solution)
    package = problem_of(record).package
    rederive = extras.load(f"solvers.{package}.rederive", "check --convex") if convex else None
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
    rows = ((v.rule, v.place, console.listed(v.ids), console.number(v.amount), v.problem) for v in report.violations)
    console.table(columns, rows)
    return 1


def show_derived(instance: Instance, solution: Solution, derived: list[Derived]) -> float:
    """Print what was derived again of each slot; returns the largest relative difference."""
    static = instance.server.uplink == "static"
    unit, per_unit = ("MHz", 1e-6) if static else ("s", 1.0)
    values = (f"closed [{unit}]>", f"convex [{unit}]>", "difference>")
    columns = ("slot>", "model", "requests>", *values, "ms per MHz>", "KKT>", f"own [{unit}]>")
    rows = (
        (
            str(number),
            slot.model,
            str(len(slot.requests)),
            f"{found.closed * per_unit:.7g}",
            f"{found.convex * per_unit:.7g}",
            f"{found.difference:.0e}",
            f"{found.price_s_per_hz * 1e9:.4g}",
            f"{found.kkt:.0e}",
            f"{found.own * per_unit:.7g}",
        )
        for number, (slot, found) in enumerate(zip(solution.slots, derived), 1)
    )
    what = "least bandwidth for the ready times" if static else "least upload times"
    console.table(columns, rows, f"{instance.name}: {what}")
    largest = max((found.difference for found in derived), default=0.0)
    print(f"largest relative difference {largest:.1e}, at most {AGREE:g} counts as agreement")
    return largest
