"""The search of the exact driver when it is told nothing: no bound, no plan to begin with; in this process."""

from __future__ import annotations

import math
from typing import Any

from partload.solvers.exact.search import search
from partload.solvers.exact.task import Found, Task
from partload.solvers.registry import Outcome


def blindly(
    instance: Any,
    formulation: str,
    engine: str,
    seed: int | None = None,
    time_limit: float | None = None,
    gap: float = 0.0,
) -> Found:
    """What an engine alone makes of a formulation."""
    return search(lambda news: None, Task(instance, formulation, engine, (), math.inf, time_limit, gap, seed))


def outcome(found: Found) -> Outcome:
    """The same as methods give it."""
    return Outcome(found.plan, found.bound, found.termination, solver=found.solver, notes=found.notes)
