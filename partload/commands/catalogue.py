"""``partload methods``, ``formulations``, ``library`` and ``schema``: listings of what the package contains."""

from __future__ import annotations

from typing import Annotated

import typer

from partload import console


def methods() -> None:
    """List the methods and the features that they cover."""
    from partload.solvers import METHODS

    rows = ((m.name, m.problem, "yes" if m.exact else "no", m.summary, m.covers) for m in METHODS)
    console.table(("method", "problem", "exact", "what it does", "covers"), rows)


def formulations() -> None:
    """List the formulations and the features that they cover."""
    from partload.formulations import FORMULATIONS

    rows = ((f.name, f.problem, f.kind, "MILP" if f.linear else "MINLP", f.covers) for f in FORMULATIONS)
    console.table(("formulation", "problem", "kind", "program", "covers"), rows)


def library() -> None:
    """List the shipped instances and their best known values.

    For each instance: its features, the best known value, the proven bound, and the method that found the value.
    """
    from partload.instances import library as shipped
    from partload.instances.problems import PROBLEMS, problem_of
    from partload.views import view_of

    known, instances = shipped.known(), [shipped.load(name) for name in shipped.names()]
    for problem in PROBLEMS:
        rows = []
        for instance in (one for one in instances if problem_of(one) is problem):
            best = known.get(instance.name)
            asking = len(instance.demand)
            row = [instance.name, str(len(instance.models)), str(asking), view_of(instance).features(instance)]
            if best is None:
                row += ["-"] * 5
            else:
                row += [console.number(best.best), console.number(best.bound), best.status, best.method, str(best.date)]
            rows.append(row)
        head = ("instance", "models>", f"{problem.demand_name}>", "features")
        console.table((*head, "best>", "bound>", "status", "method", "date"), rows, problem.name)


def schema(
    format: Annotated[
        str | None, typer.Argument(help="A file format [without one: list the formats].", metavar="[FORMAT]")
    ] = None,
) -> None:
    """Print the JSON Schema of a file format."""
    from partload.instances import files

    if format is None:
        print("\n".join(files.FORMATS))
    else:
        from json import dumps

        print(dumps(files.schema(format), indent=1))
