"""What the commands print of an instance and of a solution: one ``View`` for each problem."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar, cast

from partload.instances.problems import Record, problem_of
from partload.instances.records import AnyInstance
from partload.instances.solution import SolutionHeader

InstanceT = TypeVar("InstanceT", bound=AnyInstance)
SolutionT = TypeVar("SolutionT", bound=SolutionHeader)
DerivedT = TypeVar("DerivedT", bound="Derived")


class Derived(Protocol):
    """A bandwidth, or an upload time, that was derived again."""

    @property
    def difference(self) -> float:
        """Relative difference between the closed form and the convex optimum."""


@dataclasses.dataclass(frozen=True)
class View(Generic[InstanceT, SolutionT, DerivedT]):
    """The functions that print the records of one problem."""

    features: Callable[[InstanceT], str]
    """The rules and limits of an instance that are not the default ones, ``-`` if all are."""
    facts: Callable[[InstanceT], Iterable[tuple[str, str]]]
    """Names and texts of the key numbers of an instance."""
    bars: Callable[[SolutionT], int]
    """How many bars the picture of the schedule has for a solution, about."""
    show: Callable[[InstanceT, SolutionT], None]
    """Print the plan of a solution as a table, with one row for each slot or user."""
    notes: Callable[[SolutionT], Iterable[tuple[str, str]]]
    """Lines of a name and a text that the problem adds below the table."""
    show_derived: Callable[[InstanceT, SolutionT, Sequence[DerivedT]], None]
    """Print what ``check --convex`` derived for each slot or user."""


AnyView = View[AnyInstance, SolutionHeader, Derived]


def view_of(record: Record) -> AnyView:
    """The view of the problem that an instance or a solution belongs to.

    Its functions are only called with records of that problem, so the cast is safe.
    """
    return cast(AnyView, importlib.import_module(f"{__name__}.{problem_of(record).package}").VIEW)
