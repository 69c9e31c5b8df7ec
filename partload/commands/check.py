"""``partload check``: does a solution keep every rule, whoever made it?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partload import console


def check(
    instance: Annotated[str, typer.Argument(help="Instance file, or the name of one in the library.")],
    solution: Annotated[Path, typer.Argument(help="Solution file.")],
) -> int:
    """Judge a solution file: exit 0 when it is feasible, 1 when not, with everything that is wrong."""
    from instances.partial_loading.checker import check as judge
    from partload.reading import read_instance, read_solution

    report = judge(read_instance(instance), read_solution(solution))
    if report.feasible:
        print(f"feasible, objective {console.number(report.objective)}")
        return 0
    count = len(report.violations)
    print(f"not feasible, {count} violation{'s' if count > 1 else ''}")
    columns = ("rule", "where", "ids", "amount>", "problem")
    rows = ((v.rule, v.place, console.listed(v.ids), console.number(v.amount), v.problem) for v in report.violations)
    console.table(columns, rows)
    return 1
