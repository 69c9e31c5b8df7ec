"""``partload export``: a formulation of an instance as a file for any solver."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partload import console

WRITERS = {".lp": "lp", ".mps": "mps", ".nl": "nl"}


def export(
    instance: Annotated[str, typer.Argument(help="Instance file, or the name of one in the library.")],
    formulation: Annotated[str, typer.Option(help="Formulation to write.", metavar="F")],
    output: Annotated[Path, typer.Option("-o", "--output", help="File ending in .lp, .mps or .nl.", metavar="FILE")],
) -> None:
    """Write the model of an instance for other solvers."""
    from instances.errors import InputError

    if output.suffix not in WRITERS:
        raise InputError(f"expected a file ending in {', '.join(WRITERS)}", source=str(output))
    console.ensure_writable(output)
    from formulations import FORMULATIONS, by_name
    from formulations.explain import covered, sizes
    from partload.reading import read_instance

    model = covered(by_name(FORMULATIONS, formulation), read_instance(instance))
    model.write(str(output), format=WRITERS[output.suffix], io_options={"symbolic_solver_labels": True})
    print(f"wrote {output}: {sizes(model)}")
    print("the objective is the weight served, to be maximised")
