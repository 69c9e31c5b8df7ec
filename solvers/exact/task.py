"""What the exact driver and the search in its process say to each other: the task, news on the way, the end."""

from __future__ import annotations

import dataclasses
import importlib
from typing import Protocol, TypeVar, cast

from partload.instances.problem import AnyProblem
from partload.instances.records import AnyInstance, Decision, Plan
from partload.instances.solution import Termination
from partload.solvers.registry import Limits, Outcome

SLACK = 1e-6
"""Relative slack of limits, a thousand times the engine's tolerance."""
SAME = 1e-9
"""Relative difference below which a bound and an objective are the same number."""
InstanceT = TypeVar("InstanceT", contravariant=True)
PlanT = TypeVar("PlanT", contravariant=True)


@dataclasses.dataclass(frozen=True)
class Settled:
    """Whether the requests that a rejected plan serves can be served together."""

    plan: Plan | None
    """A plan that the checker accepts and that serves them; None when none was found."""
    impossible: bool
    """Whether it is proved that no plan which the checker accepts serves all of them."""


class Hooks(Protocol[InstanceT, PlanT]):
    """What the search asks of a problem: ``HOOKS`` of the module ``partload.solvers.<problem>.exact.hooks``."""

    def upper_bound(self, instance: InstanceT) -> float:
        """An upper bound on the weight that any plan serves, without an engine."""

    def first_plan(self, instance: InstanceT, limits: Limits, bound: float) -> Outcome[Decision]:
        """A plan to start from, given an upper bound."""

    def settled(self, instance: InstanceT, plan: PlanT) -> Settled:
        """Whether any plan serves what this one serves, which the checker rejects."""

    def fault(self, instance: InstanceT, plan: PlanT) -> Plan | None:
        """The shortest prefix of a rejected plan that no plan which the checker accepts begins with.

        None when that is not certain: the plan misses a limit by about the checker's tolerance.
        """

    def served(self, plan: PlanT) -> list[str]:
        """Ids of those whom a plan serves."""


AnyHooks = Hooks[AnyInstance, Plan]


def hooks_of(problem: AnyProblem) -> AnyHooks:
    """The hooks of a problem. They are only called with records of that problem, so the cast is safe."""
    return cast(AnyHooks, importlib.import_module(f"partload.solvers.{problem.package}.exact.hooks").HOOKS)


@dataclasses.dataclass(frozen=True)
class Task:
    """What is to be searched, from what is known already."""

    instance: AnyInstance
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
