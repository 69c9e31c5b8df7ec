"""What the commands print of an instance and of a solution: one ``View`` for each problem."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from partload.instances.problems import problem_of
from partload.records import Instance, Solution

InstanceT = TypeVar("InstanceT")
SolutionT = TypeVar("SolutionT")
DerivedT = TypeVar("DerivedT")


@dataclasses.dataclass(frozen=True)
class View(Generic[InstanceT, SolutionT, DerivedT]):
    """The functions that print the records of one problem."""

    features: Callable[[InstanceT], str]
    """The rules and limits of an instance that are not the default ones, ``-`` if all are."""
    show: Callable[[InstanceT, SolutionT], None]
    """Print the plan of a solution as a table, with one row for each slot or user."""
    notes: Callable[[SolutionT], Iterable[tuple[str, str]]]
    """Lines of a name and a text that the problem adds below the table."""
    show_derived: Callable[[InstanceT, SolutionT, Sequence[DerivedT]], None]
    """Print what ``check --convex`` derived for each slot or user."""


def view_of(record: Instance | Solution) -> View[Any, Any, Any]:
    """The view of the problem that an instance or a solution belongs to."""
    from partload.views import partial_loading, slide

    views: dict[str, View[Any, Any, Any]] = {"partial-loading": partial_loading.VIEW, "slide": slide.VIEW}
    return views[problem_of(record).name]
