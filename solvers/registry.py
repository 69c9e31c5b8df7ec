"""What a method is, and what it gives back.

A method is registered with one line in ``METHODS``; its module is imported when it is used.
"""

from __future__ import annotations

import dataclasses
import importlib
from typing import Any

from instances.errors import InputError
from instances.solution import Termination
from solvers.progress import Listener

LEAST_S = 1e-3
"""A time limit that has passed already."""


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
            raise InputError(f"expected a number of seconds above 0, got {self.time_limit}", source="time limit")
        if not 0 <= self.gap < 1:
            raise InputError(f"expected a number from 0 to below 1, got {self.gap}", source="gap")
        if self.seed is not None and not 0 <= self.seed < 2**31:
            raise InputError(f"expected a whole number from 0 to 2147483647, got {self.seed}", source="seed")


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a method gives back: a plan, not yet checked, and what it can prove."""

    plan: tuple[Any, ...]
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


@dataclasses.dataclass(frozen=True)
class Method:
    """One method. Its module has

    - ``lacks(instance, limits) -> list[str]``: the features of the instance that it does not cover;
    - ``run(instance, limits) -> Outcome``: it keeps the best plan and bound on a time limit and on Ctrl-C.
    """

    name: str
    problem: str
    """``partial-loading`` or ``slide``."""
    exact: bool
    """Whether it proves the optimum, given time."""
    covers: str
    """The features covered, in one line."""
    summary: str
    module: str

    def lacks(self, instance: Any, limits: Limits) -> list[str]:
        """Features of the instance that the method does not cover."""
        missing: list[str] = importlib.import_module(self.module).lacks(instance, limits)
        return missing

    def run(self, instance: Any, limits: Limits) -> Outcome:
        """Run the method on an instance that it covers."""
        outcome: Outcome = importlib.import_module(self.module).run(instance, limits)
        return outcome
