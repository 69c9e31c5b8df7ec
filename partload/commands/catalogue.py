"""``partload methods``, ``formulations``, ``library`` and ``schema``: listings of what the package contains."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from partload import console
from partload.instances.errors import InputError

if TYPE_CHECKING:
    from partload.benchmarks.formulations import Measured

Json = Annotated[bool, typer.Option("--json", help="Print the list as JSON and nothing else.")]


def methods(json: Json = False) -> None:
    """List the methods and the features that they cover."""
    from partload.solvers import METHODS

    if json:
        from partload.listings import methods as listed

        console.print_json(listed())
        return
    rows = ((m.name, m.problem, "yes" if m.exact else "no", m.summary, m.covers) for m in METHODS)
    console.table(("method", "problem", "exact", "what it does", "covers"), rows)


def formulations(
    compare: Annotated[
        str | None,
        typer.Option(help="Solve this instance with each formulation that covers it.", metavar="INSTANCE"),
    ] = None,
    tightenings: Annotated[
        str | None,
        typer.Option(
            help="With --compare: tightenings of the slot formulation, separated by commas, or none [all].",
            metavar="NAMES",
        ),
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(help="With --compare: stop each formulation after S seconds.", metavar="S")
    ] = None,
    formulation: Annotated[
        list[str] | None,
        typer.Option(help="With --compare: also package.module:function, your own. Repeatable.", metavar="F"),
    ] = None,
    json: Json = False,
) -> int:
    """List the formulations, or compare them on an instance."""
    from partload.formulations import FORMULATIONS

    if compare is not None:
        return _compare(compare, tightenings, time_limit, formulation or [], json)
    for option, value in (("--tightenings", tightenings), ("--time-limit", time_limit), ("--formulation", formulation)):
        if value is not None:
            raise InputError("expected --compare INSTANCE beside it", source=option)
    if json:
        from partload.listings import formulations as listed

        console.print_json(listed())
        return 0
    rows = ((f.name, f.problem, f.kind, "MILP" if f.linear else "MINLP", f.covers) for f in FORMULATIONS)
    console.table(("formulation", "problem", "kind", "program", "covers"), rows)
    return 0


def _compare(name: str, tightenings: str | None, time_limit: float | None, own: list[str], json: bool) -> int:
    """Print a row for each formulation; after Ctrl-C those that are done."""
    import dataclasses

    from partload.benchmarks.formulations import chosen_tightenings, compare
    from partload.instances.reading import read_instance
    from partload.solvers.user_code import is_own

    for each in own:
        if not is_own(each):
            raise InputError(f"expected package.module:function, your own, got {each!r}", source="--formulation")
    console.hush_pyomo()
    chosen = None if tightenings is None else chosen_tightenings(tightenings)
    done, status = [], 0
    try:
        for one in compare(read_instance(name), chosen, time_limit, own):
            done.append(one)
    except KeyboardInterrupt:
        status = 130
    if json:
        console.print_json([dataclasses.asdict(one) for one in done])
    else:
        _show(done)
    return status


def _show(compared: Iterable[Measured]) -> None:
    """Print the formulations that were compared."""
    rows = []
    for one in compared:
        sizes = [console.number(size) for size in (one.rows, one.columns, one.nonzeros)]
        weights = [console.rounded(one.lp_value, 7), console.number(one.objective), console.number(one.bound)]
        search = [console.number(one.nodes), console.rounded(one.seconds, 3), one.end]
        rows.append([one.formulation, *sizes, *weights, *search])
    head = (
        "formulation",
        "rows>",
        "columns>",
        "nonzeros>",
        "LP value>",
        "plan>",
        "bound>",
        "nodes>",
        "seconds>",
        "end",
    )
    console.table(head, rows)


def library(json: Json = False) -> None:
    """List the shipped instances and their best known values.

    For each instance: its features, the best known value, the proven bound, and the method that found the value.
    """
    from partload.instances import library as shipped
    from partload.instances.problems import PROBLEMS, problem_of
    from partload.views import view_of

    if json:
        from partload.listings import library as listed

        console.print_json(listed())
        return
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
