"""``partload export``: the model of an instance as a file that other solvers read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partload import console
from partload.commands import completion

ENDINGS = (".lp", ".mps", ".nl")


def export(
    instance: Annotated[
        str,
        typer.Argument(
            help="Instance file, name of an instance of the library, or - for standard input.",
            autocompletion=completion.instances,
        ),
    ],
    formulation: Annotated[str, typer.Option(help="Formulation to write.", metavar="F")],
    output: Annotated[Path, typer.Option("-o", "--output", help="File ending in .lp, .mps or .nl.", metavar="FILE")],
) -> None:
    """Write the model of an instance for other solvers."""
    from partload.instances.errors import InputError

    if output.suffix not in ENDINGS:
        raise InputError(f"expected a file ending in {', '.join(ENDINGS)}", source=str(output))
    from partload.solvers.formulation_choice import Chosen

    chosen = Chosen.by_name(formulation)
    if chosen.linear is False:
        _ensure_nl(output, formulation)
    console.ensure_writable(output, inputs=(instance,))
    from partload.formulations import model_files
    from partload.formulations.explain.explanation import sizes
    from partload.instances.reading import read_instance

    console.hush_pyomo()
    made = chosen.build(read_instance(instance))
    if not chosen.is_linear(made.model):
        _ensure_nl(output, formulation)
    size = sizes(made.model)
    model_files.write(made.model, output)
    print(f"wrote {output}: {size}")
    unit = made.weight_unit.size
    units = "" if unit == 1 else f" in units of {console.number(unit)}"
    print(f"the objective is the weight served{units}, to be maximised")


def _ensure_nl(output: Path, formulation: str) -> None:
    """Raise InputError when a model that is not linear is to become a file for linear ones."""
    from partload.instances.errors import InputError

    if output.suffix != ".nl":
        problem = f"expected a file ending in .nl, because formulation {formulation!r} is not linear"
        raise InputError(problem, source=str(output))
