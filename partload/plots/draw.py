"""``plot``: draw a solution into a file, in one of the ways there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from partload.instances.errors import InputError
from partload.instances.problems import problem_of_instance, problem_of_solution
from partload.plots.picture import Picture, drawn_by


def plot(solution: Any, path: str | Path, instance: Any | None = None, *, what: str = "schedule") -> None:
    """Draw a solution into a file.

    Parameters
    ----------
    solution
        A solution that states its times.
    path
        File ending in ``.svg``, ``.png`` or ``.html``.
    instance
        The instance it solves; a schedule can do without, but then deadlines, the start of uploads and block sizes
        are not known.
    what
        ``schedule``: what loads, uploads, downloads and computes when; ``spectrum``: who has how much of the band when.

    Raises
    ------
    InputError
        On another ending, a file that cannot be written, a solution without times, of another instance or of another
        problem, a spectrum without the instance or the bandwidths, or when matplotlib is missing.
    """
    solved = problem_of_solution(solution)
    if instance is not None and problem_of_instance(instance) is not solved:
        wanted, got = solved.name, problem_of_instance(instance).name
        raise InputError(f"expected one of {wanted}, as the solution is, {instance.name!r} is of {got}", "instance")
    if what == "schedule":
        picture: Picture = drawn_by(solution, "gantt").picture([(solution, instance)])
    elif what == "spectrum":
        picture = drawn_by(solution, "spectrum").picture(solution, instance)
    else:
        raise InputError(f"expected schedule or spectrum, got {what!r}", source="what")
    picture.save(Path(path))
