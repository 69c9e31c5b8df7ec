"""Every exact method on its own: engines are told neither a first plan nor a combinatorial bound.

A way of solving gives back what the method says and, where a solver ran, the bound that the solver itself proved,
before anything was made of it.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, NamedTuple

from partload import solvers
from partload.instances.problems import problem_of
from partload.solvers.methods import METHODS
from partload.solvers.registry import Limits, Method, Outcome
from tests.support.blind import blindly, outcome

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
        return not self._method(instance).unsupported(instance, limits)

    def run(self, instance: Any, gap: float = 0.0) -> Answered:
        """Solve an instance that it covers, to a relative gap."""
        if self.method is None:
            solution = solvers.solve(instance, time_limit=LIMITS.time_limit, gap=gap)
            return Answered(Outcome(solution.plan(), solution.bound, solution.termination), math.inf)
        if self.formulation is None or self.engine is None:
            return Answered(self._method(instance).run(instance, dataclasses.replace(LIMITS, gap=gap)), math.inf)
        found = blindly(instance, self.formulation, self.engine, time_limit=LIMITS.time_limit, gap=gap)
        return Answered(outcome(found), min(found.engine_bounds, default=math.inf))

    def _method(self, instance: Any) -> Method:
        problem = problem_of(instance).name
        return next(one for one in METHODS if one.problem == problem and one.name == self.method)


FAST = {
    "partial-loading": (
        Way("dynamic", "dynamic"),
        Way("weighted-dynamic", "weighted-dynamic"),
        Way("sequence", "sequence"),
        Way("label-setting", "label-setting"),
        Way("tool-switching", "tool-switching"),
        Way("set-union", "set-union"),
        Way("set-union highs", "milp", "set-union", "highs"),
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
UNIONS = (
    Way("set-union", "set-union"),
    Way("set-union MILP", "milp", "set-union", "highs"),
    Way("milp highs", "milp", "slot", "highs"),
)
"""Ways to solve instances with memory for everything and no uploads."""
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
