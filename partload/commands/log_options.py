"""Options of the commands that read a request log, and the instance that they make of it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partload.commands import completion
from partload.instances.errors import InputError

if TYPE_CHECKING:
    from partload.instances.partial_loading.instance import Instance

BASE = typer.Option(
    "--models",
    help="Base instance with server, blocks and models: a file or the name of an instance of the library.",
    metavar="BASE",
    autocompletion=completion.instances,
)
SLO = typer.Option(
    help="Seconds from arrival to deadline, for all or by class or model: 2.0, or chat=1.5,vision=0.3.", metavar="S"
)
Model = Annotated[
    str | None,
    typer.Option(
        help="Model of the base for all requests, or by the name in the log: GPT-4=large,ChatGPT=small; frequency "
        "gives the names in the log, by falling frequency, the models of the base in turn.",
        metavar="M",
    ),
]
InputBits = Annotated[float | None, typer.Option(help="Size of inputs the log does not state.", metavar="BIT")]
BitsPerToken = Annotated[float | None, typer.Option(help="Size of a token, of logs with tokens.", metavar="BIT")]
SpectralEfficiency = Annotated[
    float | None, typer.Option(help="Flat channel, in bit/s/Hz, where the log has none.", metavar="ETA")
]
Window = Annotated[
    str | None,
    typer.Option(help="Seconds on the clock of the log, START:END; either may be left out [all].", metavar="S:S"),
]
Format = Annotated[
    str | None,
    typer.Option(help="own, azure-functions-2021, azure-llm-2023 or burstgpt [by the columns].", metavar="NAME"),
]
FLAGS = {
    "slo": "--slo",
    "model": "--model",
    "format": "--format",
    "window": "--window",
    "input_bits": "--input-bits",
    "bits_per_token": "--bits-per-token",
    "spectral_efficiency": "--spectral-efficiency",
}
"""The flag of each option that errors of the functions name."""


def traced(
    log: Path,
    base: str,
    *,
    slo: str,
    model: str | None,
    input_bits: float | None,
    bits_per_token: float | None,
    spectral_efficiency: float | None,
    window: str | None,
    format: str | None,
    name: str | None = None,
) -> Instance:
    """The instance of a log, by options as they are typed; raises InputError that names them as they are typed."""
    from partload.instances import files
    from partload.instances.partial_loading import tracing

    if Path(base) == log == files.STANDARD_INPUT:
        raise InputError("expected the standard input for one of log and base, not for both", source="-")
    times = {key: _number(value, "--slo") for key, value in _pairs(slo, "--slo").items()}
    named = None if model is None else tracing.FREQUENCY if model == tracing.FREQUENCY else _pairs(model, "--model")
    try:
        rules = tracing.Rules(times, named, input_bits, bits_per_token, spectral_efficiency)
        return tracing.trace(base, log, rules, window=_window(window), format=format, name=name)
    except InputError as error:
        raise _with_flags(error) from None


def _with_flags(error: InputError) -> InputError:
    if error.source == "" and error.path in FLAGS:
        return InputError(error.problem, FLAGS[error.path])
    problem = re.sub(r"option (\w+)", lambda found: FLAGS.get(found[1], found[0]), error.problem)
    return InputError(problem, error.path, error.source)


def _pairs(text: str, flag: str) -> Mapping[str | None, str]:
    """Values by name; under None the one without a name. The last equals sign counts: names may have others."""
    found: dict[str | None, str] = {}
    for part in text.split(","):
        name, equals, value = part.rpartition("=")
        key = name if equals else None
        if not value or (equals and not name):
            raise InputError(f"expected VALUE or NAME=VALUE, separated by commas, got {text!r}", flag)
        if key in found:
            raise InputError(f"expected each name once, in {text!r} one is repeated", flag)
        found[key] = value
    return found


def _number(text: str, flag: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"expected a number of seconds, got {text!r}", flag) from None


def _window(text: str | None) -> tuple[float, float]:
    if text is None:
        return -math.inf, math.inf
    start, colon, end = text.partition(":")
    if not colon:
        raise InputError(f"expected START:END in seconds, got {text!r}", "--window")
    begin = _number(start, "--window") if start else -math.inf
    until = _number(end, "--window") if end else math.inf
    if not begin < until:
        raise InputError(f"expected a start before the end, got {text!r}", "--window")
    return begin, until
