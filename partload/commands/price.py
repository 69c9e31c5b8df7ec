"""``partload price``: what each online policy serves in time, how late the rest is, and the gap to the optimum."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partload import console
from partload.commands import completion

if TYPE_CHECKING:
    from partload.benchmarks.price import Line, Price

COLUMNS = (
    "method",
    "served>",
    "weight>",
    "gap>",
    "loads>",
    "drops nobody: in time>",
    "late>",
    "never>",
    "median>",
    "95 %>",
)


def price(
    instance: Annotated[
        str,
        typer.Argument(
            help="Instance of PartialLoading, such as trace writes: a file, a name of the library, or -.",
            autocompletion=completion.instances,
        ),
    ],
    time_limit: Annotated[float, typer.Option(help="Seconds for the exact method.", metavar="S")] = 60.0,
    seed: Annotated[int | None, typer.Option(help="Seed of local search and exact method.", metavar="N")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Picture of the table, .svg.", metavar="FILE")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the table as JSON and nothing else.")] = False,
) -> None:
    """Compare online policies with the optimum.

    Policies know a request from its arrival on; local search and the exact method know all of them. The gap is that of
    the weight served in time to the optimum or, where that is not proved, to the least upper bound.
    """
    console.ensure_writable(output, inputs=(instance,))
    if output is not None and output.suffix != ".svg":
        from partload.instances.errors import InputError

        raise InputError("expected a file ending in .svg", source=str(output))
    from partload.benchmarks.price import price as run
    from partload.instances.reading import read_instance

    found = run(read_instance(instance), time_limit=time_limit, seed=seed)  # type: ignore[arg-type]
    if output is not None:
        from partload.plots.price import draw

        draw(found, output)
    if json:
        console.print_json(dataclasses.asdict(found))
    else:
        _show(found)


def _show(found: Price) -> None:
    console.table(COLUMNS, map(_row, found.lines))
    for reason in found.refused:
        print(f"refused    {reason}")
    kind = "optimum" if found.optimum else "bound"
    print(f"{kind:<10} {console.number(found.bound)} of {console.number(found.weight)}, {found.requests} requests")


def _row(line: Line) -> tuple[str, ...]:
    late = line.lateness
    cells = ("-",) * 5
    if late is not None:
        times = console.seconds(late.median_s), console.seconds(late.percentile_95_s)
        cells = (str(late.in_time), str(late.late), str(late.never), *times)
    weight, gap = console.number(line.weight_served), console.percent(line.gap)
    return (line.method, str(line.requests_served), weight, gap, console.megabytes(line.loaded_bytes), *cells)
