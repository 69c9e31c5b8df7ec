"""``partload calibrate``: how fast this machine loads model files and runs batches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partload import console
from partload.commands import completion

if TYPE_CHECKING:
    from partload.benchmarks.machine.calibration import Loading, Samples

ERRORS = ("mean error>", "largest error>")
MOST_DIGITS = 9
"""Of a number of requests in one batch."""


def calibrate(
    checkpoints: Annotated[
        list[Path],
        typer.Argument(help="Model files or folders, as for scan; they are only read.", metavar="CHECKPOINT"),
    ],
    base: Annotated[
        str | None,
        typer.Option(
            help="Instance of which -o writes a copy with the times of this machine.",
            metavar="INSTANCE",
            autocompletion=completion.instances,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File for the instance; without --base for what was measured, as JSON."),
    ] = None,
    cache: Annotated[
        str, typer.Option(help="Which loading -o writes: of files in the page cache, warm, or not, cold.")
    ] = "warm",
    batch: Annotated[
        str | None,
        typer.Option(
            help="Function of model id, number of requests and blocks that runs one batch.", metavar="MODULE:FUNCTION"
        ),
    ] = None,
    batch_sizes: Annotated[
        str, typer.Option(help="Numbers of requests whose batches are measured.", metavar="N,N")
    ] = "1,2,4,8",
    repeats: Annotated[int, typer.Option(min=1, help="Times that each load and each batch is repeated.")] = 5,
    device: Annotated[
        str, typer.Option(help="cpu: into main memory; cuda: on to a GPU, with PyTorch.", metavar="NAME")
    ] = "cpu",
    picture: Annotated[
        Path | None, typer.Option(help="Draw samples and lines: a file ending in .svg, .png or .html.", metavar="FILE")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what was measured as JSON and nothing else.")] = False,
) -> None:
    """Measure how fast this machine loads and runs models.

    Fits t0 + bytes / V to the times of loads, from the page cache and from the disk, and alpha + beta u to the times of
    batches.
    """
    from json import dumps

    from partload.benchmarks.machine import batches, calibration, memory, server
    from partload.instances import files
    from partload.instances.checkpoints.scan import ensure_kept, scan
    from partload.instances.errors import InputError, expected_one_of
    from partload.instances.partial_loading.instance import Instance
    from partload.instances.reading import read

    for written in (output, picture):
        console.ensure_writable(written, inputs=[*checkpoints, *([] if base is None else [base])])
    if cache not in calibration.CACHES:
        raise InputError(expected_one_of(calibration.CACHES, cache), source="--cache")
    if base is not None and output is None:
        raise InputError("expected -o beside it, the file for the instance", source="--base")
    if picture is not None:
        from partload.plots.picture import ensure_ending

        ensure_ending(picture)
    sizes = _sizes(batch_sizes)
    known = None if base is None else read(base, Instance)
    place = memory.device(device)
    run = None if batch is None else batches.named(batch)
    found = scan(checkpoints).without_graphs
    for written in (output, picture):
        ensure_kept(found.models, written)
    if not found.models:
        raise InputError("expected a checkpoint with tensors", source="calibrate")
    if known is not None and run is not None:
        server.ensure_models(known, [model.id for model in found.models])
    loads = {name: calibration.loading(found, name, repeats, place) for name in calibration.CACHES}
    times = {} if run is None else calibration.batch_times(found, run, sizes, repeats, place)
    measured = server.document(loads, cache, times)
    if output is not None:
        if known is None:
            files.write_text(dumps(measured, indent=1) + "\n", output)
        else:
            files.write(server.applied(known, loads[cache], cache, times), output)
    if picture is not None:
        from partload.plots.calibration import picture as draw

        draw(loads, times).save(picture)
    if json:
        print(dumps(measured, indent=1))
        return
    _show(loads, times)
    for name in (picture, output):
        if name is not None:
            print(f"wrote {name}" + (f", with {cache} loading" if name == output else ""))


def _sizes(text: str) -> list[int]:
    """Different numbers of requests; raises InputError on anything else."""
    from partload.instances.errors import InputError

    parts = text.split(",")
    numbers = all(part.isdecimal() and len(part) <= MOST_DIGITS and int(part) > 0 for part in parts)
    if not numbers or len(set(map(int, parts))) < 2:
        raise InputError(
            f"expected two or more numbers of requests such as 1,2,4,8, got {text[:60]!r}", source="--batch-sizes"
        )
    return sorted({int(part) for part in parts})


def _show(loads: Mapping[str, Loading], times: Mapping[str, Samples]) -> None:
    """Print the lines and how well they fit."""
    from partload.benchmarks.machine.page_cache import KEPT

    rows = (
        (
            cache,
            f"{console.megabytes(loading.rate_bytes_per_s)}/s",
            console.seconds(loading.latency_s),
            *_errors(loading.samples),
            "-" if cache == "warm" else console.percent(loading.kept),
        )
        for cache, loading in loads.items()
    )
    columns = ("files", "rate>", "latency>", *ERRORS, "cached before>")
    console.table(columns, rows, "loading: t0 + bytes / V")
    kept = loads["cold"].kept
    if kept is None:
        print("cold: this system does not tell what is in the page cache, so loads may have come from there")
    elif kept > KEPT:
        print(f"cold: the file system kept {kept:.0%} of a file in the page cache, so loads are not cold")
    if times:
        lines = (
            (model, console.seconds(one.line.constant), console.seconds(one.line.slope), *_errors(one))
            for model, one in times.items()
        )
        console.table(("model", "setup>", "per request>", *ERRORS), lines, "batches: alpha + beta u")


def _errors(samples: Samples) -> tuple[str, str]:
    return console.percent(samples.line.mean_error), console.percent(samples.line.largest_error)
