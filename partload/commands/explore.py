"""``partload explore``: a page on this machine on which the parameters of an instance are sliders."""

from __future__ import annotations

from typing import Annotated

import typer

from partload.commands import completion

PORT = 8484


def explore(
    instance: Annotated[
        str | None,
        typer.Argument(
            help="Instance file, name of an instance of the library, or - for standard input [edge-demo].",
            autocompletion=completion.instances,
        ),
    ] = None,
    port: Annotated[int, typer.Option(help="Port of the page; 0 takes a free one.", min=0, max=65535)] = PORT,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in the browser, or print its address only.")
    ] = True,
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds for each proof; after that the page shows the bound [2].", metavar="S")
    ] = None,
) -> None:
    """Play with an instance: sliders, schedules, equations.

    The page stands at 127.0.0.1, for this machine alone. Its sliders change the bandwidth, the deadlines, the demand
    and what is shared; it draws the optimal schedule, that of a heuristic and the optimum without sharing. Ctrl-C ends
    it.
    """
    from partload.explore.running import run

    run(instance, port=port, browser=browser, time_limit=time_limit)
