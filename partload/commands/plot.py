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
            help="Instance file, or name of an instance of the library: gives deadlines, sizes and the band [the "
            "instance of the library that the solution names].",
            metavar="INSTANCE",
        ),
    ] = None,
    what: Annotated[
        str,
        typer.Option(
            help="schedule: the times of loads, uploads, downloads and computations; spectrum: the bandwidth of each "
            "request or user over time.",
            metavar="PICTURE",
        ),
    ] = "schedule",
) -> None:
    """Draw a solution."""
    console.ensure_writable(output, inputs=(solution, *([] if instance is None else [instance])))
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
