"""``partload plot``: a picture of a solution."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partload import console


def plot(
    solution: Annotated[Path, typer.Argument(help="Solution file.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="File ending in .svg, .png or .html.", metavar="FILE")],
    instance: Annotated[
        str | None,
        typer.Option(
            help="Instance file or library name, for deadlines, sizes, the band [the one the solution names].",
            metavar="INSTANCE",
        ),
    ] = None,
    what: Annotated[
        str,
        typer.Option(
            help="schedule: what loads, uploads, downloads and computes when; spectrum: who has how much of the band "
            "when.",
            metavar="PICTURE",
        ),
    ] = "schedule",
) -> None:
    """Draw a solution."""
    console.ensure_writable(output)
    from partload.instances import library
    from partload.instances.errors import InputError
    from partload.instances.reading import read_instance, read_solution
    from partload.plots.draw import plot as draw

    record = read_solution(solution)
    if instance is None and record.instance in library.names():
        instance = record.instance
    known = None if instance is None else read_instance(instance)
    try:
        draw(record, output, known, what=what)
    except InputError as error:
        raise error if error.source else error.within(str(solution)) from None
    print(f"wrote {output}" + ("" if known else ", without deadlines: name the instance with --instance"))
