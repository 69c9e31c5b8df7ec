"""``partload scan``: what real models share, and an instance of them."""

from __future__ import annotations

import dataclasses
import importlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partload import console
from partload.commands import completion

if TYPE_CHECKING:
    from partload.instances.checkpoints.content import Listener
    from partload.instances.checkpoints.scan import Scan, ScannedModel
    from partload.instances.records import AnyInstance

REDRAWN_EVERY_S = 0.1
CLEAR_LINE = "\x1b[K"
"""Tells a terminal to clear the rest of the line."""


def scan(
    checkpoints: Annotated[
        list[Path],
        typer.Argument(
            help="Model files, folders, or repositories in the cache of Hugging Face.", metavar="CHECKPOINT"
        ),
    ],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File for an instance.")] = None,
    like: Annotated[
        str | None,
        typer.Option(
            help="Instance whose server, and whose batch times of models of the same id, are taken; of SLIDE, whose "
            "downlink and users.",
            metavar="INSTANCE",
            autocompletion=completion.instances,
        ),
    ] = None,
    bandwidth: Annotated[float | None, typer.Option(help="Bandwidth in hertz.", metavar="HZ")] = None,
    load_rate: Annotated[
        float | None, typer.Option(help="Rate at which blocks enter GPU memory, in bytes per second.", metavar="X")
    ] = None,
    memory: Annotated[float | None, typer.Option(help="Bytes of GPU memory [unlimited].", metavar="X")] = None,
    residency: Annotated[
        str | None,
        typer.Option(help="What a slot finds in memory: previous, cached [previous].", metavar="NAME"),
    ] = None,
    visits: Annotated[
        str | None, typer.Option(help="How often a model may be visited: once, any [once].", metavar="NAME")
    ] = None,
    uplink: Annotated[
        str | None,
        typer.Option(help="How the band is shared: slotted, pipelined, static [slotted].", metavar="NAME"),
    ] = None,
    batch_setup: Annotated[
        float | None, typer.Option(help="Seconds that each batch takes, for every model.", metavar="S")
    ] = None,
    batch_per_request: Annotated[
        float | None, typer.Option(help="Seconds that each request of a batch adds, for every model.", metavar="S")
    ] = None,
    requests: Annotated[
        int | None, typer.Option(help="Requests for each model, all alike [none: a catalogue].", metavar="N")
    ] = None,
    bits: Annotated[float | None, typer.Option(help="With --requests: bits of each input.", metavar="X")] = None,
    efficiency: Annotated[
        float | None, typer.Option(help="With --requests or --users: spectral efficiency in bit/s/Hz.", metavar="X")
    ] = None,
    deadline: Annotated[
        float | None, typer.Option(help="With --requests or --users: deadline of each.", metavar="S")
    ] = None,
    slide: Annotated[
        bool, typer.Option("--slide", help="Make an instance of SLIDE: layers in order, and their work.")
    ] = False,
    users: Annotated[int | None, typer.Option(help="SLIDE: users, all alike.", metavar="N")] = None,
    speed: Annotated[float | None, typer.Option(help="SLIDE: FLOP/s of each device.", metavar="X")] = None,
    tokens: Annotated[
        int | None, typer.Option(help="SLIDE: tokens of one input, for work from shapes.", metavar="N")
    ] = None,
    measured: Annotated[
        list[float] | None,
        typer.Option(help="SLIDE: seconds of one input on a device of --speed, once for each checkpoint.", metavar="S"),
    ] = None,
    order: Annotated[
        str | None,
        typer.Option(
            help="SLIDE: order of the layers, by names, or as in the file [file for PyTorch, else names].",
            metavar="NAME",
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the instance [that of the file].", metavar="NAME")] = None,
    hash: Annotated[
        str, typer.Option(help="Hash that compares contents: sha256, or blake3 (extra blake3).", metavar="NAME")
    ] = "sha256",
    picture: Annotated[
        Path | None, typer.Option(help="Draw what is shared: a file ending in .svg, .png or .html.", metavar="FILE")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the tables as JSON and nothing else.")] = False,
) -> None:
    """Find what real models share; make an instance of them.

    Reads safetensors, GGUF and PyTorch files, and runs nothing of them. Tensors are equal when their content is.
    With --slide also networks in ONNX.
    """
    for written in (output, picture):
        console.ensure_writable(written, inputs=[*checkpoints, *([] if like is None else [like])])
    given = {
        "bandwidth": bandwidth,
        "load_rate": load_rate,
        "memory": memory,
        "residency": residency,
        "visits": visits,
        "uplink": uplink,
        "batch_setup": batch_setup,
        "batch_per_request": batch_per_request,
        "requests": requests,
        "bits": bits,
        "efficiency": efficiency,
        "deadline": deadline,
        "users": users,
        "speed": speed,
        "tokens": tokens,
        "measured": None if not measured else tuple(measured),
        "order": order,
    }
    given = {option: value for option, value in given.items() if value is not None}
    _ensure_used(output, {"like": like, "name": name, "slide": slide or None, **given})
    target = None if output is None else _target(given, like, "slide" if slide else "partial_loading")
    if picture is not None:
        from partload.instances import extras
        from partload.plots.picture import ensure_ending

        ensure_ending(picture)
        extras.ensure("matplotlib", "--picture")
    from partload import sharing
    from partload.instances.checkpoints.scan import ensure_kept
    from partload.instances.checkpoints.scan import scan as scan_files

    def ready(models: Sequence[ScannedModel]) -> None:
        for written in (output, picture):
            ensure_kept(models, written)
        (_ensure_tensors if target is None else target.ready)(models)
        _ensure_drawn(models, picture)

    with _progress() as listener:
        found = scan_files(checkpoints, hash, listener, ready)
    if output is not None and target is not None:
        from partload.instances import files

        files.write(target.make(found, name or _stem(output)), output)
    found = found.without_graphs
    if picture is not None:
        from partload.plots.sharing import picture as draw

        draw(found).save(picture)
    if json:
        console.print_json(sharing.document(found))
        return
    if found.models:
        sharing.show(found)
    for made in (picture, output):
        if made is not None:
            print(f"wrote {made}")


@dataclasses.dataclass(frozen=True)
class _Target:
    """The instance that is asked for."""

    ready: Callable[[Sequence[ScannedModel]], None]
    """Raises InputError when something is not known of a model."""
    make: Callable[[Scan, str], AnyInstance]
    """From a scan and a name to the instance."""


def _target(given: Mapping[str, object], like: str | None, package: str) -> _Target:
    """The instance that some options ask for; raises InputError when anything is missing."""
    from partload.instances.errors import InputError
    from partload.instances.options import checked, flag
    from partload.instances.problems import PROBLEMS
    from partload.instances.reading import read

    problem = next(problem for problem in PROBLEMS if problem.package == package)
    module = importlib.import_module(f"partload.instances.{package}.scanned")
    for option in given:
        if option not in vars(module.Options)["__dataclass_fields__"]:
            wrong = "expected none beside --slide" if package == "slide" else "expected --slide beside it"
            raise InputError(wrong, flag(option))
    try:
        options = checked(module.Options, given, "scan")
    except InputError as error:
        raise InputError(error.problem, flag(error.path)) from None
    options.ensure_complete(like=like is not None)
    base = None if like is None else read(like, problem.instance)
    return _Target(
        lambda models: module.ensure_known(models, options, base, like or ""),
        lambda found, name: module.instance_of(found, name, options, base, like or ""),
    )


def _ensure_tensors(models: Sequence[ScannedModel]) -> None:
    """Raise InputError on a network in ONNX, which shows nothing of what is shared."""
    from partload.instances.errors import InputError

    for model in models:
        if not model.tensors:
            problem = "expected --slide and -o beside a network in ONNX, which has layers and no blocks"
            raise InputError(problem, source=str(model.checkpoint.path))


def _ensure_drawn(models: Sequence[ScannedModel], picture: Path | None) -> None:
    """Raise InputError on a picture of networks in ONNX alone."""
    from partload.instances.errors import InputError

    if picture is not None and not any(model.tensors for model in models):
        problem = "expected none beside networks in ONNX alone, which have no blocks to share"
        raise InputError(problem, source="--picture")


def _ensure_used(output: Path | None, given: Mapping[str, object]) -> None:
    """Raise InputError on an option that says what goes into an instance, without a file for the instance."""
    from partload.instances.errors import InputError
    from partload.instances.options import flag

    if output is None:
        for option, value in given.items():
            if value is not None:
                raise InputError("expected -o beside it, the file for the instance", flag(option))


def _stem(path: Path) -> str:
    """The name of an instance file without its endings."""
    from partload.instances.serialisation import path_text

    return path_text(Path(path.name)).removesuffix(".gz").removesuffix(".json")


@contextmanager
def _progress() -> Iterator[Listener | None]:
    """A line on standard error with the bytes compared so far; None when standard error is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    began = drawn = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal drawn
        now = time.monotonic()
        if now - drawn >= REDRAWN_EVERY_S or done == total:
            drawn = now
            rate = console.megabytes(done / (now - began)) if now > began else "-"
            state = f"compared {console.megabytes(done)} of {console.megabytes(total)}, {rate}/s"
            print(f"\r{state}{CLEAR_LINE}", end="", file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        print(f"\r{CLEAR_LINE}", end="", file=sys.stderr, flush=True)
