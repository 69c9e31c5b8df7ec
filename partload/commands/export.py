"""``partload export``: the model of an instance as a file that other solvers read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from partload import console
from partload.commands import completion

ENDINGS = (".lp", ".mps", ".nl")
NUMBER_PREFIXES = ("inf", "nan")
"""Some readers of LP files take names that start so for numbers; ``export`` writes such names with a leading ``_``."""


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
    from partload.formulations import FORMULATIONS, by_name

    chosen = by_name(FORMULATIONS, formulation)
    if not chosen.linear and output.suffix != ".nl":
        problem = f"expected a file ending in .nl, because formulation {formulation!r} is not linear"
        raise InputError(problem, source=str(output))
    console.ensure_writable(output, inputs=(instance,))
    from partload.formulations.explain.explanation import built, sizes
    from partload.instances.reading import read_instance

    console.hush_pyomo()
    model = built(chosen, read_instance(instance)).model
    size = sizes(model)  # Which expands templates: writers of files read expressions.
    options: dict[str, object] = {"symbolic_solver_labels": True}
    if output.suffix == ".lp":
        options["labeler"] = _labels()
    model.write(str(output), io_options=options)
    print(f"wrote {output}: {size}")
    print("the objective is the weight served, to be maximised")


def _labels() -> Callable[[object], str]:
    """The function that gives each component of the model its name in an LP file."""
    from pyomo.core.base.label import TextLabeler

    plain = TextLabeler()

    def label(component: object) -> str:
        name: str = plain(component)
        return f"_{name}" if name.lower().startswith(NUMBER_PREFIXES) else name

    return label
