"""What shared code may ask of the records of any problem: an instance, its demand, a decision of a plan.

Each problem has records of its own. They satisfy these protocols, so functions that work for every problem name no
problem and still have real types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol, Self, TypeVar

from partload.instances.solution import SolutionHeader

SolutionOf = TypeVar("SolutionOf", bound=SolutionHeader, covariant=True)


class Demand(Protocol):
    """One who wants to be served: a request or a user."""

    @property
    def id(self) -> str:
        """Unique among the demand of an instance."""

    @property
    def deadline_s(self) -> float:
        """Deadline [s]."""

    @property
    def weight(self) -> float:
        """w_k, what serving it is worth."""


class Decision:
    """One decision of a plan: a slot, or a user served. A plan is a sequence of decisions."""

    __slots__ = ()


Plan = tuple[Decision, ...]
"""A plan of any problem."""


class Instance(Protocol[SolutionOf]):
    """An instance of any problem; ``SolutionOf`` is the type of its solutions."""

    FORMAT: ClassVar[str]
    """Value of the key ``format`` in a file."""
    ADDED_KEYS: ClassVar[Mapping[str, Mapping[str, object]]]
    """Keys that were added to the items of a list after the first version, with their defaults. Documents leave out a
    key that has its default, so that files and hashes of earlier versions hold."""

    @property
    def name(self) -> str:
        """Name of the instance."""

    @property
    def description(self) -> str | None:
        """What the instance is for."""

    @property
    def provenance(self) -> Mapping[str, str] | None:
        """Where the instance comes from."""

    @property
    def models(self) -> Sequence[object]:
        """The AI models."""

    @property
    def demand(self) -> Sequence[Demand]:
        """All who want to be served."""

    @property
    def solution_type(self) -> type[SolutionOf]:
        """Type of the solutions of the instance."""

    def replace(self, **changes: object) -> Self:
        """A copy with the named fields changed."""


AnyInstance = Instance[SolutionHeader]
"""An instance of any problem, in code that does not care which."""
