"""What the exact driver and the search in its process say to each other: the task, news on the way, the end."""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol

from partload.instances.solution import Termination

ROOM = 1e-6
"""Relative room for limits, a thousand times the engine's tolerance."""
SAME = 1e-9
"""Relative difference below which a bound and an objective are the same number."""
Plan = tuple[Any, ...]
"""A plan of whichever problem it is."""


@dataclasses.dataclass(frozen=True)
class Settled:
    """Whether the requests that a rejected plan serves can be served together."""

    plan: Plan | None
    """A plan that the checker accepts and that serves them; None when none was found."""
    impossible: bool
    """Whether it is proved that no plan which the checker accepts serves all of them."""


class Hooks(Protocol):
    """What the search asks of a problem: the module ``solvers.<problem>.exact``."""

    def settled(self, instance: Any, plan: Any) -> Settled:
        """Whether any plan serves what this one serves, which the checker rejects."""

    def fault(self, instance: Any, plan: Any) -> Plan | None:
        """The shortest beginning of a rejected plan with which no plan begins that the checker accepts.

        None when that is not certain: then the plan misses a limit by just about the checker's tolerance.
        """

    def served(self, plan: Any) -> list[str]:
        """Ids of those whom a plan serves."""


@dataclasses.dataclass(frozen=True)
class Task:
    """What is to be searched, from what is known already."""

    instance: Any
    formulation: str
    engine: str
    plan: Plan
    """A plan that the checker accepts."""
    bound: float
    """Upper bound on the weight that any plan serves."""
    time_limit: float | None = None
    gap: float = 0.0
    seed: int | None = None


@dataclasses.dataclass(frozen=True)
class News:
    """What is sent out during the search; each field is None when there is nothing new."""

    plan: Plan | None = None
    """A better plan, accepted by the checker."""
    bound: float | None = None
    """A better bound."""
    note: str | None = None
    """What went wrong."""
    solver: str | None = None
    """Name and version of the engine."""


@dataclasses.dataclass(frozen=True)
class Found:
    """What a search ended with."""

    termination: Termination
    solver: str
    plan: Plan
    bound: float
    build_s: float
    solve_s: float
    engine_bounds: tuple[float, ...]
    """What the engine said of each relaxation, as a weight, before anything was done to it."""
    notes: tuple[str, ...]
    """What went wrong."""


def met(value: float, bound: float, gap: float) -> bool:
    """Whether the weight of a plan and a bound are within a relative gap, or the same number."""
    return bound - value <= max(gap, SAME) * bound
