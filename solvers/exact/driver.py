"""Exact methods: a formulation, an engine, and a search that believes nothing the checker has not seen.

What is known without an engine, a bound and a plan, comes first and may already be enough. The search itself
(``partload.solvers.exact.search``) runs in a process of its own and sends out each better plan and bound. So a time
limit, Ctrl-C and a crash of the engine all end alike: the process is killed, and what was known is kept. Methods differ
in the formulations and engines that they may use, problems in their ``Hooks``.
"""

from __future__ import annotations

import dataclasses
import math
import time

from partload.formulations import FORMULATIONS, Formulation, by_name
from partload.instances.errors import InputError, expected_one_of
from partload.instances.features import Support
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance, Decision, Plan
from partload.instances.solution import Termination
from partload.solvers import interrupts
from partload.solvers.engines import engine as engines
from partload.solvers.engines.engine import ENGINES
from partload.solvers.exact.child import GRACE_S, search_in_child
from partload.solvers.exact.task import Found, News, Task, hooks_of, met
from partload.solvers.progress import Progress
from partload.solvers.registry import Limits, Outcome

FIRST_PLAN_S = 5.0
"""Seconds that the first plan may take."""


@dataclasses.dataclass(frozen=True)
class ExactMethod:
    """A method: which formulations it may use and which engines, the first of each when nothing is asked for."""

    formulations: tuple[str, ...]
    engines: tuple[str, ...]
    preferred: str | None = None
    """One of the formulations, which comes before the first where it covers the instance."""

    @property
    def supports(self) -> Support:
        """What its first formulation supports."""
        return by_name(FORMULATIONS, self.formulations[0]).supports

    def unsupported(self, instance: AnyInstance, limits: Limits) -> list[str]:
        """Features of the instance, and wishes of the caller, that are not supported."""
        formulation, engine = self._chosen(instance, limits)
        if engine not in ENGINES:
            raise InputError(expected_one_of(ENGINES, engine), source="solver")
        if formulation.name not in self.formulations:
            return [f"formulation {formulation.name!r}"]
        if engine not in self.engines:
            return [f"solver {engine!r}"]
        return formulation.unsupported(instance)

    def run(self, instance: AnyInstance, limits: Limits) -> Outcome[Decision]:
        """Solve an instance to proven optimality, or as far as the limits allow.

        Raises
        ------
        InputError
            When the engine is not installed, or the model would be too large.
        """
        formulation, engine = self._chosen(instance, limits)
        engines.ensure(engine)
        return _Solve(instance, limits, formulation.name, engine).run()

    def _chosen(self, instance: AnyInstance, limits: Limits) -> tuple[Formulation, str]:
        name = self.formulations[0] if limits.formulation is None else limits.formulation
        if limits.formulation is None and self.preferred is not None:
            preferred = by_name(FORMULATIONS, self.preferred)
            name = name if preferred.unsupported(instance) else self.preferred
        return by_name(FORMULATIONS, name), self.engines[0] if limits.solver is None else limits.solver


class _Solve:
    """One solve of an instance that the formulation covers."""

    def __init__(self, instance: AnyInstance, limits: Limits, formulation: str, engine: str) -> None:
        self.problem = problem_of(instance)
        self.hooks = hooks_of(self.problem)
        self.instance = instance
        self.limits = limits
        self.formulation = formulation
        self.engine = engine
        self.since = time.perf_counter()
        self.plan: Plan = ()
        self.bound = math.fsum(one.weight for one in instance.demand)
        self.notes: list[str] = []
        self.met_s: float | None = None
        """When plan and bound met."""
        self.solver: str | None = None
        self.build_s: float | None = None
        self.solve_s: float | None = None

    def run(self) -> Outcome[Decision]:
        """Solve to proven optimality, or as far as the limits allow."""
        termination: Termination
        try:
            self._start()
            self._report()
            termination = "proved" if self._met() else self._search()
        except KeyboardInterrupt:
            termination = "interrupted"
        except interrupts.TimeUpError:
            termination = "time-limit"
        if termination != "error" and self._met():
            termination = "proved"
        return Outcome(
            plan=self.plan,
            bound=self.bound,
            termination=termination,
            formulation=self.formulation,
            solver=self.solver,
            build_s=self.build_s,
            solve_s=self.solve_s,
            notes=tuple(self.notes),
        )

    def _start(self) -> None:
        """Have some plan and a bound in hand, whatever happens next."""
        self.bound = min(self.bound, self.hooks.upper_bound(self.instance))
        limit = self.limits.time_limit
        enough = FIRST_PLAN_S if limit is None else min(FIRST_PLAN_S, limit / 4)
        first = self.hooks.first_plan(self.instance, Limits(time_limit=enough), self.bound)
        self.plan = first.plan
        if first.termination == "interrupted":
            raise KeyboardInterrupt

    def _search(self) -> Termination:
        """Search in a process, and keep what it sends; why it ended."""
        left = self._time_left()
        if left is not None and left <= 0:
            return "time-limit"
        limits = self.limits
        task = Task(self.instance, self.formulation, self.engine, self.plan, self.bound, left, limits.gap, limits.seed)
        ending = search_in_child("partload.solvers.exact.search:search", task, left, self._told)
        if isinstance(ending.value, Found):
            self.build_s, self.solve_s = ending.value.build_s, ending.value.solve_s
            return ending.value.termination
        if ending.note is not None:
            self.notes.append(ending.note)
        return ending.termination

    def _told(self, news: News) -> bool:
        """Keep what the search sends; whether that is enough."""
        if news.plan is not None and self._value(news.plan) > self._value(self.plan):
            self.plan = news.plan
        if news.bound is not None:
            self.bound = min(self.bound, news.bound)
        if news.note is not None:
            self.notes.append(news.note)
        if news.solver is not None:
            self.solver = news.solver
        self._report()
        if not self._met():
            return False
        self.met_s = self.met_s or time.perf_counter()
        return time.perf_counter() - self.met_s > GRACE_S  # Usually the search is about to end by itself.

    def _met(self) -> bool:
        """Whether plan and bound are as close as was asked for; it does not matter where they come from."""
        return not self.notes and met(self._value(self.plan), self.bound, self.limits.gap)

    def _value(self, plan: Plan) -> float:
        return self.problem.objective(self.instance, plan)

    def _report(self) -> None:
        """Say how far the solve is."""
        if self.limits.listener is not None:
            elapsed = time.perf_counter() - self.since
            self.limits.listener(Progress(elapsed, self._value(self.plan), self.bound))

    def _time_left(self) -> float | None:
        if self.limits.time_limit is None:
            return None
        return self.limits.time_limit - (time.perf_counter() - self.since)
