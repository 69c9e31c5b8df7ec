"""Every exact method on its own: engines are told neither a first plan nor a combinatorial bound.

A way of solving gives back what the method says and, where a solver ran, the bound that the solver itself proved,
before anything was made of it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple
from unittest import mock

import solvers
from instances.partial_loading.instance import Instance as PartialLoading
from solvers import exact
from solvers.engines import Answer
from solvers.exact import ExactMethod, Ground
from solvers.methods import METHODS
from solvers.partial_loading import exact as partial_loading
from solvers.registry import Limits, Outcome
from solvers.slide import exact as slide

LIMITS = Limits(time_limit=20.0)
"""Seconds for a solve that takes milliseconds."""


class Answered(NamedTuple):
    """What a way of solving ended with."""

    outcome: Outcome
    raw_bound: float
    """The bound of the solver itself, in the units of the weights; infinite where there was none."""


class Way(NamedTuple):
    """One way of solving: a formulation and a solver, else a method that needs neither, else what users get."""

    name: str
    method: str | None = None
    formulation: str | None = None
    engine: str | None = None

    def covers(self, instance: Any) -> bool:
        """Whether the method solves such instances."""
        if self.method is None:
            return True
        limits = dataclasses.replace(LIMITS, formulation=self.formulation, solver=self.engine)
        return not self._method(instance).lacks(instance, limits)

    def run(self, instance: Any) -> Answered:
        """Solve an instance that it covers."""
        if self.method is None:
            solution = solvers.solve(instance, time_limit=LIMITS.time_limit)
            return Answered(Outcome(solution.plan(), solution.bound, solution.termination), math.inf)
        if self.engine is None:
            return Answered(self._method(instance).run(instance, LIMITS), math.inf)
        with recorded() as bounds:
            outcome = self._method(instance).run(instance, LIMITS)
        return Answered(outcome, min(bounds, default=math.inf))

    def _method(self, instance: Any) -> Any:
        problem = "partial-loading" if isinstance(instance, PartialLoading) else "slide"
        if self.engine is None or self.formulation is None:
            return next(one for one in METHODS if one.problem == problem and one.name == self.method)
        ground = (partial_loading if problem == "partial-loading" else slide).GROUND
        return ExactMethod(knows_nothing(ground), (self.formulation,), (self.engine,))


FAST = {
    "partial-loading": (
        Way("dynamic", "dynamic"),
        Way("weighted-dynamic", "weighted-dynamic"),
        Way("milp highs", "milp", "slot", "highs"),
        Way("tangents highs", "tangents", "cone", "highs"),
    ),
    "slide": (
        Way("admission", "admission"),
        Way("knapsack-dynamic", "knapsack-dynamic"),
        Way("milp highs", "milp", "provisioning", "highs"),
    ),
}
"""Ways to solve every instance of the runs by the thousand, by problem."""
SLOW = {
    "partial-loading": (
        Way("milp scip", "milp", "slot", "scip"),
        Way("minlp scip", "minlp", "joint", "scip"),
        Way("solve"),
    ),
    "slide": (
        Way("milp scip", "milp", "provisioning", "scip"),
        Way("minlp scip", "minlp", "recursion", "scip"),
        Way("solve"),
    ),
}
"""Ways to solve a part of them."""


def knows_nothing(ground: Ground) -> Ground:
    """A problem about which nothing is known before a solver runs."""
    return dataclasses.replace(
        ground, upper_bound=lambda _: math.inf, first=lambda *_: Outcome((), None, "heuristic-end")
    )


@contextmanager
def recorded() -> Iterator[list[float]]:
    """The bounds of all runs of a solver in this context that are to bound the optimum."""
    bounds: list[float] = []
    once, load = exact._Solve._once, exact.load
    bounding = False

    def watched(self: Any, model: Any, **how: Any) -> Any:
        nonlocal bounding
        bounding = how["bounding"]
        return once(self, model, **how)

    def recording(name: str) -> ModuleType:
        engine = load(name)

        def solve(model: Any, budget: Any) -> Answer:
            answer: Answer = engine.solve(model, budget)
            if bounding:
                bounds.append(answer.bound)
            return answer

        return SimpleNamespace(version=engine.version, solve=solve)  # type: ignore[return-value]

    with mock.patch.object(exact, "load", recording), mock.patch.object(exact._Solve, "_once", watched):
        yield bounds
