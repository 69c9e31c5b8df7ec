"""``partload explain``: the mathematics of a formulation, generated from the code that builds the model."""

from __future__ import annotations

from typing import Annotated

import typer

from partload import console
from partload.commands import completion


def explain(
    formulation: Annotated[
        str, typer.Argument(help="Formulation to print.", autocompletion=completion.formulations)
    ] = "slot",
    instance: Annotated[
        str | None,
        typer.Argument(help="Instance that gives the sizes and numbers [three-models; for SLIDE, slide-overlap]."),
    ] = None,
) -> None:
    """Print the mathematics of a formulation.

    The explanation, the equations in LaTeX, the sizes for an instance, and the consequences.
    """
    from partload.formulations import FORMULATIONS, by_name
    from partload.formulations.explain import mathematics
    from partload.instances.problems import by_name as by_problem
    from partload.instances.reading import read_instance

    console.hush_pyomo()
    chosen = by_name(FORMULATIONS, formulation)
    print(mathematics(chosen, read_instance(instance or by_problem(chosen.problem).example)), end="")
