"""``partload import-solution``: the plan that another solver found for an exported model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partload import console
from partload.commands import completion


def import_solution(
    instance: Annotated[
        str,
        typer.Argument(
            help="Instance file, name of an instance of the library, or - for standard input.",
            autocompletion=completion.instances,
        ),
    ],
    solution: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.sol", help="Solution file of HiGHS, SCIP, Gurobi or CBC, or lines of a name and a value."
        ),
    ],
    formulation: Annotated[
        str,
        typer.Option(help="Formulation that was exported.", metavar="F", autocompletion=completion.formulations),
    ],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File for the solution document.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the solution document and nothing else.")] = False,
) -> int:
    """Check what another solver found for an exported model.

    Files of HiGHS, SCIP, Gurobi and CBC are read, and lines of a name and a value. Exit status 0 when the plan is
    feasible, 1 when it is not; then every violation is listed, and nothing is written.
    """
    from partload.instances import files, serialisation
    from partload.instances.errors import InputError
    from partload.instances.reading import read_instance

    if Path(instance) == solution == files.STANDARD_INPUT:
        raise InputError("expected the standard input for one of instance and solution, not for both", source="-")
    console.ensure_writable(output, inputs=(instance, solution))
    from partload.commands.solve import show
    from partload.solvers.solution_files import importing

    console.hush_pyomo()
    record = read_instance(instance)
    rebuilt = importing.rebuild(record, solution, formulation)
    if not rebuilt.report.feasible:
        console.violations(rebuilt.report.violations)
        return 1
    document = importing.recorded(rebuilt)
    if output is not None:
        files.write(document, output)
    if json:
        print(serialisation.render(document), end="")
    else:
        show(record, document)
    return 0
