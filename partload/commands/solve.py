"""``partload solve``: the best plan for an instance, with a proven upper bound."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partload import console
from partload.commands import completion

if TYPE_CHECKING:
    from partload.instances.records import AnyInstance
    from partload.instances.solution import SolutionHeader

TERMINATIONS = {
    "proved": "the proof is complete",
    "heuristic-end": "the heuristic ended",
    "time-limit": "the time limit was reached",
    "interrupted": "interrupted",
    "tolerance": "the remaining gap lies within the tolerance of the limits or of the solver",
    "error": "the solver failed",
}


def solve(
    instance: Annotated[
        str,
        typer.Argument(
            help="Instance file, name of an instance of the library, or - for standard input.",
            autocompletion=completion.instances,
        ),
    ],
    method: Annotated[
        str,
        typer.Option(
            help="Method, or package.module:function; exact is the fastest method that is exact for the instance.",
            metavar="M",
            autocompletion=completion.methods,
        ),
    ] = "exact",
    formulation: Annotated[
        str | None,
        typer.Option(
            help="Formulation that the method solves: see partload formulations; or package.module:function, your own.",
            metavar="F",
            autocompletion=completion.formulations,
        ),
    ] = None,
    solver: Annotated[
        str | None, typer.Option(help="Solver, for methods that leave the choice: highs or scip.", metavar="S")
    ] = None,
    time_limit: Annotated[float | None, typer.Option(help="Stop after S seconds.", metavar="S")] = None,
    gap: Annotated[float, typer.Option(help="Stop at this relative gap.", metavar="G")] = 0.0,
    seed: Annotated[int | None, typer.Option(help="Seed of the random numbers.", metavar="N")] = None,
    bandwidth: Annotated[
        str | None,
        typer.Option(
            help="Goal for the bandwidth that is left over: weighted, proportional or max-min.", metavar="GOAL"
        ),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(help="Memory limit of code of your own, such as 4GB.", metavar="SIZE"),
    ] = None,
    traceback: Annotated[
        bool,
        typer.Option("--traceback", help="Print the traceback and the output of code of your own that failed."),
    ] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File for the solution.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the solution document and nothing else.")] = False,
) -> int:
    """Find the plan that serves the most weight, and prove it.

    The instance may be of PartialLoading or of SLIDE.
    """
    console.ensure_writable(output, inputs=(instance,))
    from partload.instances import files, serialisation
    from partload.instances.reading import read_instance
    from partload.solvers import solve as solve_instance
    from partload.solvers.user_code import OwnCodeError

    record = read_instance(instance)
    try:
        solution = solve_instance(
            record,
            method,
            formulation=formulation,
            solver=solver,
            time_limit=time_limit,
            gap=gap,
            seed=seed,
            bandwidth=bandwidth,
            memory=memory,
            progress=True,
        )
    except OwnCodeError as error:
        if traceback:
            print(error.details, end="", file=sys.stderr)
        raise
    if output is not None:
        files.write(solution, output)  # Before printing: the reader of the output may close it early.
    if json:
        print(serialisation.render(solution), end="")
    else:
        show(record, solution)
    return 130 if solution.termination == "interrupted" else 0


def show(instance: AnyInstance, solution: SolutionHeader) -> None:
    """Print the plan of a solution, its objective, its bound and its status."""
    from partload.instances.problems import problem_of
    from partload.solvers.solving import CLAIM, SELECTED, UNUSED, WARNING
    from partload.views import view_of

    view, problem = view_of(instance), problem_of(instance)
    view.show(instance, solution)
    served = sum(problem.served(part) for part in solution.plan())
    print(f"served     {served} of {len(instance.demand)} {problem.demand_name}")
    print(f"objective  {console.number(solution.objective)}")
    print(f"bound      {console.number(solution.bound)}")
    print(f"gap        {console.percent(solution.gap)}")
    if solution.bound is None and solution.objective is not None:
        from partload.solvers.bounds import distance

        print(f"distance   {distance(instance, solution.objective)}")
    reason = "found by another program" if solution.termination is None else TERMINATIONS[solution.termination]
    if solution.termination == "heuristic-end" and solution.solver is not None:
        reason = "the solver ended"
    if solution.termination == "proved" and CLAIM in (solution.provenance or {}):
        reason += ", if the claim below holds"
    print(f"status     {solution.status}: {reason}")
    for name, note in view.notes(solution):
        print(f"{name:<10} {note}")
    provenance = solution.provenance or {}
    if CLAIM in provenance:
        print(f"claim      {provenance[CLAIM]}")
    if WARNING in provenance:
        print(f"warning    {provenance[WARNING]}")
    if UNUSED in provenance:
        print(f"bandwidth  left as it was: {provenance[UNUSED]}")
    made = " / ".join(part for part in (solution.method, solution.formulation, solution.solver) if part)
    took = solution.timing.total_s if solution.timing else None
    if SELECTED in provenance:
        print(f"selected   {provenance[SELECTED]}")
    print(f"by         {made}" + (f" in {console.seconds(took)}" if took is not None else ""))
