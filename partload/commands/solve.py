"""``partload solve``: the best plan for an instance, with the proof of how good it is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from partload import console

STOPPED = {
    "proved": "the proof is complete",
    "heuristic-end": "the heuristic ended",
    "time-limit": "the time limit was reached",
    "interrupted": "interrupted",
    "tolerance": "what is left lies within the tolerance of limits, or of the solver",
    "error": "the solver failed",
}


def solve(
    instance: Annotated[str, typer.Argument(help="Instance file, or the name of one in the library.")],
    method: Annotated[
        str | None,
        typer.Option(
            help="A method, or package.module:function [the fastest that is exact for the instance].",
            metavar="M",
        ),
    ] = None,
    formulation: Annotated[
        str | None, typer.Option(help="Formulation that the method solves: see partload formulations.", metavar="F")
    ] = None,
    solver: Annotated[
        str | None, typer.Option(help="highs or scip, where the method leaves the choice.", metavar="S")
    ] = None,
    time_limit: Annotated[float | None, typer.Option(help="Stop after so many seconds.", metavar="S")] = None,
    gap: Annotated[float, typer.Option(help="Stop at this relative gap.", metavar="G")] = 0.0,
    seed: Annotated[int | None, typer.Option(help="Seed of the random numbers.", metavar="N")] = None,
    bandwidth: Annotated[
        str | None,
        typer.Option(help="Goal for bandwidth left over: weighted, proportional or max-min.", metavar="GOAL"),
    ] = None,
    memory: Annotated[
        str | None, typer.Option(help="What a heuristic of your own may take, such as 4GB.", metavar="SIZE")
    ] = None,
    traceback: Annotated[
        bool, typer.Option("--traceback", help="Show where a heuristic of your own failed, and what it printed.")
    ] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File for the solution.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the solution document and nothing else.")] = False,
) -> int:
    """Find the plan that serves the most, and prove it.

    Of an instance of either problem: PartialLoading or SLIDE.
    """
    console.ensure_writable(output)
    from partload.instances import files, serialisation
    from partload.instances.reading import read_instance
    from partload.solvers import solve as solve_instance
    from partload.solvers.heuristic import HeuristicError

    record = read_instance(instance)
    line = console.ProgressLine()
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
            progress=line if line.watched else None,
        )
    except HeuristicError as error:
        if traceback:
            print(error.details, end="", file=sys.stderr)
        raise
    line.clear()
    if output is not None:
        files.write(solution, output)  # Before anything is printed: whoever reads that may leave early.
    if json:
        print(serialisation.render(solution), end="")
    else:
        show(record, solution)
    return 130 if solution.termination == "interrupted" else 0


def show(instance: Any, solution: Any) -> None:
    """Print the plan of a solution and what is proved of it."""
    from partload import shown
    from partload.instances.problems import problem_of
    from partload.solvers.solving import UNUSED, WARNING

    module, problem = shown.of(instance), problem_of(instance)
    module.show(instance, solution)
    served = sum(problem.served(part) for part in solution.plan())
    print(f"served     {served} of {len(instance.demand)} {problem.demand_name}")
    print(f"objective  {console.number(solution.objective)}")
    print(f"bound      {console.number(solution.bound)}")
    print(f"gap        {console.percent(solution.gap)}")
    print(f"status     {solution.status}: {STOPPED[solution.termination or 'error']}")
    for name, note in module.notes(solution):
        print(f"{name:<10} {note}")
    if WARNING in (solution.provenance or {}):
        print(f"warning    {solution.provenance[WARNING]}")
    if UNUSED in (solution.provenance or {}):
        print(f"bandwidth  left as it was: {solution.provenance[UNUSED]}")
    made = " / ".join(part for part in (solution.method, solution.formulation, solution.solver) if part)
    took = solution.timing.total_s if solution.timing else None
    print(f"by         {made} in {console.seconds(took)}")
