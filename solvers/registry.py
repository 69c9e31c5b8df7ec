"""What a method is, and what it gives back.

A method is registered with one line in ``METHODS``; its module is imported when it is used.
"""

from __future__ import annotations

import dataclasses
import importlib
from typing import Generic, Protocol, TypeVar, cast

from partload.instances.errors import InputError
from partload.instances.features import Support, described, unsupported
from partload.instances.numbers import exact
from partload.instances.problems import by_name, problem_of
from partload.instances.records import AnyInstance, Decision
from partload.instances.solution import Termination
from partload.solvers.progress import Listener

DecisionOf = TypeVar("DecisionOf", bound=Decision, covariant=True)

LEAST_S = 1e-3
"""A time limit that has passed already."""
NO_BOUND = "a feasible plan; nothing is proved"
"""What is known of the plan of a heuristic."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a caller may ask of any method."""

    formulation: str | None = None
    """Formulation to use; None for the method's default."""
    solver: str | None = None
    """Engine to use, a key of ``ENGINES``; None for the method's default."""
    time_limit: float | None = None
    """Seconds for the whole solve; None for no limit."""
    gap: float = 0.0
    """Relative gap at which a proof is good enough."""
    seed: int | None = None
    listener: Listener | None = None
    memory_bytes: int | None = None
    """Resident memory that a heuristic of the user's own may take; None for no limit."""

    def after(self, seconds: float) -> Limits:
        """What is left of them after so many seconds."""
        if self.time_limit is None:
            return self
        return dataclasses.replace(self, time_limit=max(self.time_limit - seconds, LEAST_S))

    def __post_init__(self) -> None:
        if self.time_limit is not None and not self.time_limit > 0:
            raise InputError(f"expected a number of seconds above 0, got {exact(self.time_limit)}", source="time limit")
        if not 0 <= self.gap < 1:
            raise InputError(f"expected a number from 0 to below 1, got {exact(self.gap)}", source="gap")
        if self.seed is not None and not 0 <= self.seed < 2**31:
            raise InputError(f"expected a whole number from 0 to 2147483647, got {self.seed}", source="seed")


@dataclasses.dataclass(frozen=True)
class Outcome(Generic[DecisionOf]):
    """What a method gives back: a plan, not yet checked, and what it can prove."""

    plan: tuple[DecisionOf, ...]
    """A plan of the instance's problem."""
    bound: float | None
    """Proven upper bound on the weight served; None when the method proves nothing."""
    termination: Termination
    formulation: str | None = None
    solver: str | None = None
    build_s: float | None = None
    solve_s: float | None = None
    notes: tuple[str, ...] = ()
    """What went wrong on the way, such as an engine's bound that a plan contradicts."""
    claim: str | None = None
    """Who vouches for the bound, where this package does not."""


class Formulated(Protocol):
    """A method that solves formulations."""

    @property
    def supports(self) -> Support:
        """The features that its first formulation supports."""

    def unsupported(self, instance: AnyInstance, limits: Limits) -> list[str]:
        """Features of the instance, and wishes of the caller, that it does not support."""


class Module(Protocol):
    """The module of a method; ``METHOD`` is there if the method solves formulations."""

    METHOD: Formulated

    def run(self, instance: AnyInstance, limits: Limits) -> Outcome[Decision]:
        """Run the method."""


@dataclasses.dataclass(frozen=True)
class Method:
    """One method. Its module has

    - ``run(instance, limits) -> Outcome``: it keeps the best plan and bound on a time limit and on Ctrl-C;
    - where the method needs more than single features, ``NEEDS``, what it needs, as a short text, and
      ``refusals(instance, limits) -> list[str]``, what an instance has that is in its way;
    - if it solves formulations, ``METHOD``, an ``ExactMethod``.
    """

    name: str
    problem: str
    """``partial-loading`` or ``slide``."""
    exact: bool
    """Whether it proves the optimum, given time."""
    summary: str
    module: str
    supports: Support | None = None
    """The features for which it has rules; None for those of the formulation that it solves."""
    complexity: str | None = None
    """How the work grows with an instance, as the reference says it."""
    guarantee: str = ""
    """What is known of its plan and bound; without one, what ``exact`` says."""

    def unsupported(self, instance: AnyInstance, limits: Limits) -> list[str]:
        """Features of the instance, and wishes of the caller, that the method does not support."""
        if self.supports is None:
            return self._load().METHOD.unsupported(instance, limits)
        missing = [f"formulation {limits.formulation!r}"] if limits.formulation is not None else []
        missing += [f"solver {limits.solver!r}"] if limits.solver is not None else []
        missing += unsupported(problem_of(instance).features(instance), self.supports)
        refusals = getattr(self._load(), "refusals", None)
        return missing or (refusals(instance, limits) if refusals else [])

    @property
    def supported(self) -> Support:
        """The features that it supports, its own or those of the formulation that it solves."""
        return self._load().METHOD.supports if self.supports is None else self.supports

    @property
    def needs(self) -> str | None:
        """What an instance has to have beyond single features; None for nothing."""
        needs: str | None = getattr(self._load(), "NEEDS", None)
        return needs

    @property
    def guaranteed(self) -> str:
        """What is known of its plan and bound, in one line."""
        return self.guarantee or ("the optimum, given time; else a plan and a bound" if self.exact else NO_BOUND)

    @property
    def covers(self) -> str:
        """What is supported, in one line."""
        return "; ".join(filter(None, (self.needs, described(self.supported, by_name(self.problem).known_features))))

    def run(self, instance: AnyInstance, limits: Limits) -> Outcome[Decision]:
        """Run the method on an instance that it supports."""
        return self._load().run(instance, limits)

    def _load(self) -> Module:
        return cast(Module, importlib.import_module(self.module))
