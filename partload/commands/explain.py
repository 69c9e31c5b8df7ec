"""``partload explain``: the mathematics of a formulation, generated from the code that builds the model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partload import console
from partload.commands import completion
from partload.instances.errors import InputError


def explain(
    formulation: Annotated[
        str, typer.Argument(help="Formulation to print.", autocompletion=completion.formulations)
    ] = "slot",
    instance: Annotated[
        str | None,
        typer.Argument(help="Instance that gives the sizes and numbers [three-models; for SLIDE, slide-overlap]."),
    ] = None,
    html: Annotated[
        bool, typer.Option("--html", help="As a page with rendered formulas, which loads nothing.")
    ] = False,
    standalone: Annotated[bool, typer.Option("--standalone", help="As a LaTeX document of its own.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write instead of the standard output.")
    ] = None,
) -> None:
    """Print the mathematics of a formulation.

    The explanation, the equations in LaTeX, a legend of all symbols, where the code states each equation, the sizes for
    an instance, and the consequences.
    """
    if html and standalone:
        raise InputError("expected one of --html and --standalone, got both", source="explain")
    console.ensure_writable(output, inputs=() if instance is None else (instance,))
    from partload.formulations import FORMULATIONS, by_name
    from partload.formulations.explain import latex
    from partload.formulations.explain.explanation import explain as explained
    from partload.formulations.explain.html import page
    from partload.instances.problems import by_name as by_problem
    from partload.instances.reading import read_instance

    console.hush_pyomo()
    chosen = by_name(FORMULATIONS, formulation)
    found = explained(chosen, read_instance(instance or by_problem(chosen.problem).example))
    text = page(found) if html else latex.document(found) if standalone else latex.fragment(found)
    if output is None:
        print(text, end="")
    else:
        output.write_text(text, encoding="utf-8")
        print(f"wrote {output}")
