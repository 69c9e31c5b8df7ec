"""``partload price``: what each online policy serves in time, how late the rest is, and the gap to the optimum."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partload import console
from partload.commands import completion, log_options
from partload.instances.errors import InputError

if TYPE_CHECKING:
    from partload.benchmarks.price import Line, Price
    from partload.instances.partial_loading.instance import Instance

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
    source: Annotated[
        str,
        typer.Argument(
            help="Instance of PartialLoading: a file, a name of the library, or -; with --models, a request log.",
            metavar="INSTANCE|LOG",
            autocompletion=completion.instances,
        ),
    ],
    models: Annotated[str | None, log_options.BASE] = None,
    slo: Annotated[str | None, log_options.SLO] = None,
    model: log_options.Model = None,
    input_bits: log_options.InputBits = None,
    bits_per_token: log_options.BitsPerToken = None,
    spectral_efficiency: log_options.SpectralEfficiency = None,
    window: log_options.Window = None,
    format: log_options.Format = None,
    time_limit: Annotated[float, typer.Option(help="Seconds for the exact method.", metavar="S")] = 60.0,
    seed: Annotated[int | None, typer.Option(help="Seed of local search and exact method.", metavar="N")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Picture of the table, .svg.", metavar="FILE")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the table as JSON and nothing else.")] = False,
) -> int:
    """Compare online policies with the optimum.

    Policies know a request from its arrival on; local search and the exact method know all of them. The gap is that of
    the weight served in time to the optimum or, where that is not proved, to the least upper bound.
    """
    console.ensure_writable(output, inputs=(source, *([] if models is None else [models])))
    if output is not None and output.suffix != ".svg":
        raise InputError("expected a file ending in .svg", source=str(output))
    rules = {
        "slo": slo,
        "model": model,
        "input_bits": input_bits,
        "bits_per_token": bits_per_token,
        "spectral_efficiency": spectral_efficiency,
        "window": window,
        "format": format,
    }
    instance = _instance(source, models, rules)
    from partload.benchmarks.price import price as run

    found = run(instance, time_limit=time_limit, seed=seed)
    if output is not None:
        from partload.plots.price import draw

        draw(found, output)
    if json:
        console.print_json(dataclasses.asdict(found))
    else:
        _show(found)
        if output is not None:
            print(f"wrote {output}")
    return 130 if found.interrupted else 0


def _instance(source: str, models: str | None, rules: Mapping[str, str | float | None]) -> Instance:
    """The instance of that name or, where a base instance is given, of that log."""
    if models is not None:
        if rules["slo"] is None:
            raise InputError("expected --slo beside it, the time from arrival to deadline", "--models")
        return log_options.traced(Path(source), models, **rules)  # type: ignore[arg-type]
    for name, value in rules.items():
        if value is not None:
            raise InputError("expected --models BASE beside it: it is for a request log", log_options.FLAGS[name])
    if source.removesuffix(".gz").endswith((".csv", ".jsonl")):
        raise InputError("a request log: expected --models BASE and --slo beside it", source=source)
    from partload.instances.reading import read_instance

    return read_instance(source)  # type: ignore[return-value]


def _show(found: Price) -> None:
    console.table(COLUMNS, map(_row, found.lines))
    for reason in found.refused:
        print(f"refused    {reason}")
    if found.interrupted:
        print("interrupted: the methods that are left did not run")
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
