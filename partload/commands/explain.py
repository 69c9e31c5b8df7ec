"""``partload explain``: the mathematics of a formulation, as generated from the code that is solved."""

from __future__ import annotations

from typing import Annotated

import typer

from partload import console

USUAL = {"partial-loading": "three-models", "slide": "slide-overlap"}
"""Instances that stand for a problem."""


def explain(
    formulation: Annotated[str, typer.Argument(help="A formulation.")] = "slot",
    instance: Annotated[
        str | None,
        typer.Argument(help="Instance that gives sizes and numbers [three-models or, for SLIDE, slide-overlap]."),
    ] = None,
) -> None:
    """Print the mathematics of a formulation.

    Its lesson, its equations in LaTeX, its sizes for an instance, and what follows from it.
    """
    from partload.formulations import FORMULATIONS, by_name
    from partload.formulations.explain import mathematics
    from partload.instances.reading import read_instance

    console.hush_pyomo()
    chosen = by_name(FORMULATIONS, formulation)
    print(mathematics(chosen, read_instance(instance or USUAL[chosen.problem])), end="")
