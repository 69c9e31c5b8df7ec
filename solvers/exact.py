"""The exact driver: state a formulation in Pyomo, give it to an engine, believe nothing the checker has not seen.

A time limit or Ctrl-C keeps the best plan and the bound. Solvers compute with tolerances, and ties are where that
shows: given deadlines to the digit, HiGHS was seen to lose plans that end exactly at a deadline and to call less
optimal. So limits get room, far more than the tolerance: the bound is then safe. If the plan found needed the room,
the checker rejects it. It is repaired by solving again with limits tightened, and forbidden in the first model, which
is solved again until bound and plan meet. Methods differ in the formulations and engines that they may use, problems
in what is known before a solver runs (``Ground``).
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from formulations import FORMULATIONS, Formulation, by_name
from instances.errors import InputError
from instances.problems import problem_of
from instances.solution import Termination
from solvers import interrupts
from solvers.engines import ENGINES, Budget, load
from solvers.grid import safe_bound, weight_grid
from solvers.progress import Progress
from solvers.registry import Limits, Outcome

ROOM = 1e-6
"""Relative room for limits, a thousand times the solver's tolerance."""
MOST_FORBIDDEN = 100
"""Plans to forbid, one after the other, before giving up on the proof."""
FIRST_PLAN_S = 5.0
"""Seconds that the first plan may take."""
Plan = tuple[Any, ...]
"""A plan of whichever problem it is."""


@dataclasses.dataclass(frozen=True)
class Ground:
    """What the driver asks of a problem."""

    upper_bound: Callable[[Any], float]
    """An upper bound for an instance, without a solver."""
    first: Callable[[Any, Limits, float], Outcome]
    """A plan to begin with, from the instance, limits and an upper bound."""
    beginnings: Callable[[Any, Plan], Iterable[Plan]]
    """What a plan is built up of, the plan itself at the end: if one is not feasible, none that begins so is."""


@dataclasses.dataclass(frozen=True)
class ExactMethod:
    """A method: which formulations it may use and which engines, the first of each when nothing is asked for."""

    ground: Ground
    formulations: tuple[str, ...]
    engines: tuple[str, ...]

    def lacks(self, instance: Any, limits: Limits) -> list[str]:
        """Features of the instance, and wishes of the caller, that are not covered."""
        formulation, engine = self._chosen(limits)
        if engine not in ENGINES:
            raise InputError(f"expected one of {', '.join(ENGINES)}, got {engine!r}", source="solver")
        if formulation.name not in self.formulations:
            return [f"formulation {formulation.name!r}"]
        if engine not in self.engines:
            return [f"solver {engine!r}"]
        missing: list[str] = formulation.load().lacks(instance)
        return missing

    def run(self, instance: Any, limits: Limits) -> Outcome:
        """Solve an instance to proven optimality, or as far as the limits allow."""
        formulation, engine = self._chosen(limits)
        return _Solve(self.ground, instance, limits, formulation, load(engine)).run()

    def _chosen(self, limits: Limits) -> tuple[Formulation, str]:
        return by_name(FORMULATIONS, limits.formulation or self.formulations[0]), limits.solver or self.engines[0]


class _Solve:
    """One solve of an instance that the formulation covers."""

    def __init__(
        self, ground: Ground, instance: Any, limits: Limits, formulation: Formulation, engine: ModuleType
    ) -> None:
        self.ground = ground
        self.problem = problem_of(instance)
        self.instance = instance
        self.limits = limits
        self.formulation = formulation
        self.since = time.perf_counter()
        weights = [asking.weight for asking in self.problem.those_asking(instance)]
        self.grid = weight_grid(weights)
        self.plan: Plan = ()
        self.bound = math.fsum(weights)
        self.build_s = 0.0
        self.solve_s = 0.0
        self.engine = engine
        self.solver: str = engine.version()

    def run(self) -> Outcome:
        """Solve to proven optimality, or as far as the limits allow."""
        termination: Termination
        try:
            self._start()
            termination = self._search()
        except KeyboardInterrupt:
            termination = "interrupted"
        except interrupts.TimeUpError:
            termination = "time-limit"
        served = self._value(self.plan)
        return Outcome(
            plan=self.plan,
            bound=max(self.bound, served),
            termination=termination,
            formulation=self.formulation.name,
            solver=self.solver,
            build_s=self.build_s,
            solve_s=self.solve_s,
        )

    def _start(self) -> None:
        """Have some plan and a bound in hand, whatever happens next."""
        self.bound = min(self.bound, self.ground.upper_bound(self.instance))
        limit = self.limits.time_limit
        enough = FIRST_PLAN_S if limit is None else min(FIRST_PLAN_S, limit / 4)
        first = self.ground.first(self.instance, Limits(time_limit=enough), self.bound)
        self.plan = first.plan
        if first.termination == "interrupted":
            raise KeyboardInterrupt
        self._report(Progress(time.perf_counter() - self.since, None, None))

    def _search(self) -> Termination:
        """Solve with room, and again as long as what is found needs the room."""
        module = self.formulation.load()
        model = self._built(ROOM)
        termination, rejected = self._once(model, bounding=True)
        if rejected is not None and termination == "proved":
            termination, _ = self._once(self._built(-ROOM), bounding=False)
        for _ in range(MOST_FORBIDDEN):
            if rejected is None or termination != "proved" or self._met():
                return termination
            module.forbid(model, rejected)
            termination, rejected = self._once(model, bounding=True)
        return "error"

    def _built(self, room: float) -> Any:
        before = time.perf_counter()
        with interrupts.expiring(self._time_left()):
            model = self.formulation.load().build(self.instance, room=room)
        self.build_s += time.perf_counter() - before
        return model

    def _met(self) -> bool:
        """Whether plan and bound are as close as was asked for."""
        allowed = max(self.limits.gap, 1e-9) * self.bound
        return self.bound - self._value(self.plan) <= allowed

    def _once(self, model: Any, *, bounding: bool) -> tuple[Termination, Plan | None]:
        """One run of the solver; of a plan that the checker rejects, the beginning that is at fault."""
        before = time.perf_counter()
        left = self._time_left()
        if left is not None and left <= 0:
            return "time-limit", None
        with interrupts.held() as stop:
            budget = Budget(
                time_limit=left,
                gap=self.limits.gap,
                absolute_gap=0.99 * self.grid,
                seed=self.limits.seed,
                listener=self._report,
                since=self.since,
                stop=stop,
            )
            answer = self.engine.solve(model, budget)
            self.solve_s += time.perf_counter() - before
            if bounding:
                self.bound = min(self.bound, safe_bound(answer.bound, self.grid))
            rejected = self._keep(self.formulation.load().extract(model)) if answer.found else None
            if stop.is_set():
                return "interrupted", rejected
        return ("proved" if answer.finished else "time-limit"), rejected

    def _keep(self, plan: Plan) -> Plan | None:
        """Keep a plan if it is the best so far; if the checker rejects it, return its beginning that is at fault."""
        if not self._feasible(plan):
            return next(part for part in self.ground.beginnings(self.instance, plan) if not self._feasible(part))
        if self._value(plan) > self._value(self.plan):
            self.plan = plan
        return None

    def _feasible(self, plan: Plan) -> bool:
        return self.problem.check_plan(self.instance, plan).feasible

    def _value(self, plan: Plan) -> float:
        return self.problem.objective(self.instance, plan)

    def _report(self, progress: Progress) -> None:
        """Pass on how far the solver is, or what was known before it ran where that is better."""
        if self.limits.listener is not None:
            incumbent = max(progress.incumbent or 0.0, self._value(self.plan))
            bound = min(safe_bound(progress.bound, self.grid), self.bound) if progress.bound else self.bound
            self.limits.listener(Progress(progress.elapsed_s, incumbent, max(bound, incumbent)))

    def _time_left(self) -> float | None:
        if self.limits.time_limit is None:
            return None
        return self.limits.time_limit - (time.perf_counter() - self.since)
