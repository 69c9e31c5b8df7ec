"""``partload export``: a formulation of an instance as a file for any solver."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from partload import console

ENDINGS = (".lp", ".mps", ".nl")
NUMBERS = ("inf", "nan")
"""Names that start so are read as numbers by some readers of LP files; they are given a prefix."""


def export(
    instance: Annotated[str, typer.Argument(help="Instance file, or the name of one in the library.")],
    formulation: Annotated[str, typer.Option(help="Formulation to write.", metavar="F")],
    output: Annotated[Path, typer.Option("-o", "--output", help="File ending in .lp, .mps or .nl.", metavar="FILE")],
) -> None:
    """Write the model of an instance for other solvers."""
    from partload.instances.errors import InputError

    if output.suffix not in ENDINGS:
        raise InputError(f"expected a file ending in {', '.join(ENDINGS)}", source=str(output))
    from partload.formulations import FORMULATIONS, by_name

    chosen = by_name(FORMULATIONS, formulation)
    if not chosen.linear and output.suffix != ".nl":
        problem = f"expected a file ending in .nl, since formulation {formulation!r} is not linear"
        raise InputError(problem, source=str(output))
    console.ensure_writable(output)
    from partload.formulations.explain import built, sizes
    from partload.instances.reading import read_instance

    console.hush_pyomo()
    model = built(chosen, read_instance(instance)).model
    size = sizes(model)  # Which expands templates: writers of files read expressions.
    options: dict[str, Any] = {"symbolic_solver_labels": True}
    if output.suffix == ".lp":
        options["labeler"] = _labels()
    model.write(str(output), io_options=options)
    print(f"wrote {output}: {size}")
    print("the objective is the weight served, to be maximised")


def _labels() -> Callable[[Any], str]:
    """Names of the components as they are written."""
    from pyomo.core.base.label import TextLabeler

    plain = TextLabeler()

    def label(component: Any) -> str:
        name: str = plain(component)
        return f"_{name}" if name.lower().startswith(NUMBERS) else name

    return label
