"""SLIDE solved by an exact driver that is told nothing: no bound, no plan to begin with."""

from __future__ import annotations

import math

from instances.slide.instance import Instance
from solvers.exact import ExactMethod, Ground
from solvers.registry import Limits, Outcome
from solvers.slide.exact import GROUND

KNOWS_NOTHING = Ground(lambda _: math.inf, lambda *_: Outcome((), None, "heuristic-end"), GROUND.beginnings)


def blindly(instance: Instance, formulation: str, engine: str) -> Outcome:
    """What a solver alone makes of a formulation."""
    return ExactMethod(KNOWS_NOTHING, (formulation,), (engine,)).run(instance, Limits())
