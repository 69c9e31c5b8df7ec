"""The search of the exact driver: solve a model, judge what is found, and go on until bound and plan meet.

Engines compute with tolerances, and ties are where that shows: given deadlines to the digit, HiGHS was seen to lose
plans that end exactly at a deadline and to call less optimal. So the model is a relaxation: all limits have a slack
that is much larger than the tolerances of the engine and of the checker. This makes its bound safe. A plan of the model
ends in one of three ways:

- The checker accepts the plan. The search keeps it, and the plan usually meets the bound.
- The plan needs the slack, and so does every other plan that serves the same requests. No plan serves these requests
  together, and the model gets a cut that says so (``Hooks.settled``).
- The plan needs the slack, and nothing more is known. The search forbids all plans with the same prefix.

Weights without a grid leave the bound above the plan by the tolerance that is added to it. Then the known plans are
taken out, and the engine is asked for any other that is worth nearly as much; when there is none, the best is optimal.

A bound below a plan in hand is a contradiction. It is never used: the bound known before stays, and a note names the
engine and both numbers.

All of this runs in a process of its own (``partload.solvers.exact.driver``); what is found is sent out at once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Literal

from partload.formulations import FORMULATIONS, BuiltModel, by_name, cuts
from partload.instances.problems import problem_of
from partload.instances.records import Plan
from partload.instances.solution import Termination
from partload.instances.weights import RESOLUTION
from partload.solvers.bound_rounding import ENGINE_SLACK, engine_bound
from partload.solvers.engines import engine as engines
from partload.solvers.engines.engine import Answer, Budget, EngineError
from partload.solvers.exact.child import heartbeat
from partload.solvers.exact.task import SAME, SLACK, Found, News, Task, hooks_of, met

MOST_ROUNDS = 100
"""Times that a model is solved again, after a plan that needs the slack, before giving up on the proof."""
MOST_OTHERS = 40
"""Other plans of nearly the same worth that are looked at, before giving up on the last digits of the bound."""
Verdict = Literal["accepted", "excluded", "unclear"]
"""Of a plan that a model has found: the checker accepts it; no plan like it is feasible; it misses a limit by just
about the checker's tolerance, so that neither is certain."""
Send = Callable[[News], object]


def search(send: Send, task: Task) -> Found:
    """Search, in this process; for ``processes.call``. All that is found has been sent out before it returns."""
    with heartbeat(send):
        return Search(task, send).run()


class Search:
    """One search. It is the watcher of its engine."""

    def __init__(self, task: Task, send: Send) -> None:
        self.task = task
        self.instance = task.instance
        self.send = send
        self.since = time.perf_counter()
        self.problem = problem_of(task.instance)
        self.hooks = hooks_of(self.problem)
        self.engine = engines.load(task.engine)
        self.formulation = by_name(FORMULATIONS, task.formulation).load()
        self.plan = task.plan
        self.value = self._value(task.plan)
        self.bound = task.bound
        self.build_s = self.solve_s = 0.0
        self.engine_bounds: list[float] = []
        self.notes: list[str] = []
        self.built: BuiltModel | None = None
        """The model that is being solved."""
        self.bounding = False
        """Whether its bound holds for the instance."""

    def run(self) -> Found:
        """Search to the end, or as far as the limits allow."""
        self.send(News(solver=self.engine.version()))
        try:
            termination = self._search()
        except EngineError as error:
            self._note(str(error))
            termination = "error"
        return Found(
            termination=termination,
            solver=self.engine.version(),
            plan=self.plan,
            bound=self.bound,
            build_s=self.build_s,
            solve_s=self.solve_s,
            engine_bounds=tuple(self.engine_bounds),
            notes=tuple(self.notes),
        )

    def _search(self) -> Termination:
        """Solve the relaxation, and again as long as its plans need the slack."""
        relaxation, repaired = self._build(SLACK), False
        for _ in range(MOST_ROUNDS):
            answer = self._solved(relaxation, bounding=True)
            if answer.end == "infeasible":
                self._note(f"{self.engine.version()} finds nothing feasible, but serving nobody is")
            if self.notes:
                return "error"
            verdict = self._judged(relaxation) if answer.found else "unclear"
            if self._met():
                return "proved"
            if answer.end == "stopped":
                return "time-limit"
            if verdict == "accepted":
                return self._others(relaxation)
            if not repaired:
                repaired = True
                self._repair()
            if verdict == "unclear":
                return "tolerance"
        return "tolerance"

    def _judged(self, built: BuiltModel) -> Verdict:
        """Keep the plan that a model has found if the checker accepts it; else exclude it where that is certain."""
        plan = built.extract()
        if self._keep(plan):
            return "accepted"
        settled = self.hooks.settled(self.instance, plan)
        if settled.plan is not None and self._keep(settled.plan):
            return "accepted"
        if settled.impossible:
            cuts.forbid_together(built.model, built.served(), self.hooks.served(plan))
            return "excluded"
        fault = self.hooks.fault(self.instance, plan)
        if fault is None:
            return "unclear"
        built.forbid(fault)
        return "excluded"

    def _repair(self) -> None:
        """Find a plan to have in hand: with limits tightened by as much as the relaxation loosens them."""
        tightened = self._build(-SLACK)
        if self._solved(tightened, bounding=False).found:
            self._keep(tightened.extract())

    def _others(self, built: BuiltModel) -> Termination:
        """Whether any plan but those known is worth more: for weights without a grid, whose bound is not sharp."""
        unit = built.weight_unit
        if unit.whole:
            return "tolerance"
        model, served, weight = built.model, built.served(), built.weight
        left = cuts.forbid_dominated(model, served, weight, self.hooks.served(self.plan))
        for _ in range(MOST_OTHERS):
            least = self.value / unit.size
            cuts.demand(model, served, weight, least - ENGINE_SLACK * max(least, 1.0))
            answer = self._solved(built, bounding=False) if left else Answer("infeasible", False, -math.inf)
            if answer.end == "infeasible":
                self._better_bound(self.value)
                return "proved"
            if answer.end == "stopped" or not answer.found:
                return "time-limit"
            found = self.hooks.served(built.extract())
            verdict = self._judged(built)
            if verdict == "unclear":
                return "tolerance"
            if verdict == "accepted":  # One that is excluded says nothing of others of the same weight.
                left = cuts.forbid_dominated(model, served, weight, found)
        return "tolerance"

    def _build(self, slack: float) -> BuiltModel:
        before = time.perf_counter()
        built = self.formulation.build(self.instance, slack=slack)
        self.build_s += time.perf_counter() - before
        return built

    def _solved(self, built: BuiltModel, *, bounding: bool) -> Answer:
        """One run of the engine. Better plans are kept and sent out while it runs, and bounds if they hold."""
        self.built, self.bounding = built, bounding
        unit = built.weight_unit
        before = time.perf_counter()
        left = None if self.task.time_limit is None else self.task.time_limit - (before - self.since)
        if left is not None and left <= 0:
            return Answer("stopped", False, math.inf)
        budget = Budget(
            time_limit=left,
            gap=max(self.task.gap - 4 * RESOLUTION, 0.0),
            absolute_gap=0.99 if unit.whole else 0.0,
            seed=self.task.seed,
        )
        answer: Answer = self.engine.solve(built.model, budget, self)
        self.solve_s += time.perf_counter() - before
        if bounding and math.isfinite(answer.bound):
            self.engine_bounds.append(answer.bound * unit.size)
            self.bounded(answer.bound)
        return answer

    def improved(self) -> None:
        """The engine has a better point; it counts if the checker accepts its plan."""
        if self.built is not None:
            self._keep(self.built.extract())

    def bounded(self, value: float) -> None:
        """The engine has a better bound, in units of the weights."""
        if self.built is not None and self.bounding and math.isfinite(value):
            self._better_bound(engine_bound(value, self.built.weight_unit))

    def _better_bound(self, bound: float) -> None:
        """Use a bound, unless a plan in hand contradicts it."""
        if bound < self.value * (1 - SAME):
            self._note(f"{self.engine.version()} proves at most {bound!r}, but a plan serves {self.value!r}")
        elif bound < self.bound:
            self.bound = bound
            self.send(News(bound=bound))

    def _note(self, note: str) -> None:
        if not self.notes:
            self.notes.append(note)
            self.send(News(note=note))

    def _met(self) -> bool:
        """Whether plan and bound are as close as was asked for."""
        return met(self.value, self.bound, self.task.gap)

    def _keep(self, plan: Plan) -> bool:
        """Whether the checker accepts a plan; the best is kept."""
        if not self.problem.check_plan(self.instance, plan).feasible:
            return False
        value = self._value(plan)
        if value > self.value:
            self.plan, self.value = plan, value
            self.send(News(plan=plan))
        return True

    def _value(self, plan: Plan) -> float:
        return self.problem.objective(self.instance, plan)
