"""``plot``: draw the schedule or the spectrum of a solution into a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from partload.instances import arguments
from partload.instances.errors import InputError
from partload.instances.problems import problem_of_instance, problem_of_solution
from partload.plots.picture import Picture, module_for

if TYPE_CHECKING:
    from partload.instances.records import AnyInstance
    from partload.instances.solution import SolutionHeader


def plot(
    solution: SolutionHeader, path: str | Path, instance: AnyInstance | None = None, *, what: str = "schedule"
) -> None:
    """Draw a solution into a file.

    Parameters
    ----------
    solution
        A solution that states its times.
    path
        File ending in ``.svg``, ``.png`` or ``.html``.
    instance
        The instance that the solution solves. A spectrum needs it. A schedule without it omits the deadlines, the start
        of the uploads and the block sizes.
    what
        ``schedule``: the times of loads, uploads, downloads and computations; ``spectrum``: the bandwidth of each
        request or user over time.

    Raises
    ------
    InputError
        On an unknown ending, a file that cannot be written, a solution without times, a solution of another instance
        or problem, a spectrum without the instance or the bandwidths, or when matplotlib is missing.
    """
    file = arguments.path(path, "path")
    solved = problem_of_solution(solution)
    if instance is not None and problem_of_instance(instance) is not solved:
        wanted, got = solved.name, problem_of_instance(instance).name
        raise InputError(
            f"expected an instance of {wanted}, the problem of the solution; {instance.name!r} is of {got}",
            "instance",
        )
    if what == "schedule":
        picture: Picture = module_for(solution, "gantt").picture([(solution, instance)])
    elif what == "spectrum":
        picture = module_for(solution, "spectrum").picture(solution, instance)
    else:
        raise InputError(f"expected schedule or spectrum, got {what!r}", source="what")
    picture.save(file)
