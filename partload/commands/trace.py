"""``partload trace``: an instance from a base instance and a request log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partload import console
from partload.commands import log_options


def trace(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="CSV or JSON lines, also .gz, or - for standard input.")],
    models: Annotated[str, log_options.BASE],
    slo: Annotated[str, log_options.SLO],
    output: Annotated[Path, typer.Option("-o", "--output", help="File for the instance.", metavar="INSTANCE")],
    model: log_options.Model = None,
    input_bits: log_options.InputBits = None,
    bits_per_token: log_options.BitsPerToken = None,
    spectral_efficiency: log_options.SpectralEfficiency = None,
    window: log_options.Window = None,
    format: log_options.Format = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the instance [those of base and log].", metavar="NAME")
    ] = None,
) -> None:
    """Make an instance of PartialLoading from a request log.

    The log says when requests arrive; server and models are those of a base instance. What the log does not say has to
    be given, and stands in the provenance of the instance.
    """
    console.ensure_writable(output, inputs=(models, log))
    instance = log_options.traced(
        log,
        models,
        slo=slo,
        model=model,
        input_bits=input_bits,
        bits_per_token=bits_per_token,
        spectral_efficiency=spectral_efficiency,
        window=window,
        format=format,
        name=name,
    )
    from partload.instances import files

    files.write(instance, output)
    asked = len({request.model for request in instance.requests})
    print(f"wrote {output}: {len(instance.requests)} requests for {asked} of {len(instance.models)} models")
