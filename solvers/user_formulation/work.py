"""The work of a child process: build a user's formulation, solve it, and check the plans that it gives.

The model is solved by itself: without a first plan, cuts, or bounds from elsewhere, so that what comes out is what the
formulation says.

- First with limits loosened by ``SLACK``: the tolerances of the engine cost no plan, and the bound of a model that is
  exact or a relaxation holds.
- If the checker rejects the plan, and the model is no relaxation, again with limits tightened by as much, without a
  bound.

A plan that the checker rejects then is an error of the formulation. The plans of a relaxation need not be feasible.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from types import ModuleType

import cloudpickle

from partload.instances.errors import InputError
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance, Plan
from partload.instances.solution import Termination
from partload.instances.weights import RESOLUTION
from partload.solvers import user_code
from partload.solvers.engines import engine as engines
from partload.solvers.engines.engine import ENGINES, Answer, Budget, EngineError
from partload.solvers.exact.child import heartbeat
from partload.solvers.exact.task import SLACK, News, met
from partload.solvers.user_formulation.declaration import SOURCE, FormulationError
from partload.solvers.user_formulation.model_check import is_linear
from partload.solvers.user_formulation.source import OwnFormulation, OwnModel, load
from partload.solvers.user_formulation.task import Done, Task

Send = Callable[[News], object]


def work(send: Send, task: Task) -> Done:
    """Solve a user's formulation in this process; for ``processes.call``. Better plans and bounds are sent out."""
    since = time.perf_counter()
    packed = task.packed
    if packed.content is None:
        formulation = load(packed.name)
    else:
        with user_code.while_importing():
            formulation = OwnFormulation(packed.name, cloudpickle.loads(packed.content), packed.kind)
    with heartbeat(send):
        return _Run(send, task, formulation, since).run()


class _Run:
    """One solve. It is the watcher of the engine."""

    def __init__(self, send: Send, task: Task, formulation: OwnFormulation, since: float) -> None:
        self.send, self.task, self.formulation, self.since = send, task, formulation, since
        self.instance: AnyInstance = cloudpickle.loads(task.instance)
        self.problem = problem_of(self.instance)
        self.value = -math.inf
        self.bound = math.inf
        self.build_s = self.solve_s = 0.0
        self.built: OwnModel | None = None
        self.bounding = False
        self.failed: InputError | None = None
        """What went wrong while the engine was running, which must not see it."""

    def run(self) -> Done:
        """Solve the model, and again where its plan needs the slack."""
        self.bounding = self.formulation.bounds
        answer = self._solved(SLACK)
        if answer.end == "infeasible":
            name = self.formulation.name
            self.send(News(note=f"{name} finds nothing feasible, but serving nobody is"))
            return self._done("error")
        if answer.found and not self._keep() and self.formulation.kind != "relaxation" and answer.end == "finished":
            self.bounding = False
            answer = self._solved(-SLACK)
            if answer.found and not self._keep():
                raise self._infeasible()
        if self.value > -math.inf and math.isfinite(self.bound) and met(self.value, self.bound, self.task.gap):
            return self._done("proved")
        if answer.end == "stopped":
            return self._done("time-limit")
        return self._done("tolerance" if self.formulation.kind == "exact" else "heuristic-end")

    def _done(self, termination: Termination) -> Done:
        return Done(termination, self.formulation.kind, self.build_s, self.solve_s)

    def _solved(self, slack: float) -> Answer:
        """Build the model with this slack and run the engine once."""
        before = time.perf_counter()
        self.built = built = self.formulation.build(self.instance, slack)
        engine = self._engine(built)
        self.build_s += time.perf_counter() - before
        self.send(News(solver=engine.version()))
        before = time.perf_counter()
        limit = self.task.time_limit
        left = None if limit is None else limit - (before - self.since)
        if left is not None and left <= 0:
            return Answer("stopped", False, math.inf)
        budget = Budget(
            time_limit=left,
            gap=max(self.task.gap - 4 * RESOLUTION, 0.0),
            absolute_gap=built.absolute_gap,
            seed=self.task.seed,
        )
        try:
            answer: Answer = engine.solve(built.model, budget, self)
        except EngineError as error:
            raise FormulationError(str(error), source=SOURCE) from error
        self.solve_s += time.perf_counter() - before
        if self.failed is not None:
            raise self.failed
        self.bounded(answer.bound)
        return answer

    def _engine(self, built: OwnModel) -> ModuleType:
        """The engine asked for; else HiGHS for a linear model, SCIP for any other."""
        linear = is_linear(built.model)
        name = self.task.engine or ("highs" if linear else "scip")
        if name not in ENGINES:
            raise FormulationError(f"expected solver to be one of {', '.join(ENGINES)}, got {name!r}", source=SOURCE)
        if not linear and name == "highs":
            problem = f"{self.formulation.name} is not linear, expected solver scip, got highs"
            raise FormulationError(problem, source=SOURCE)
        return engines.load(name)

    def improved(self) -> None:
        """The engine has a better point; it counts if the checker accepts its plan."""
        if self.failed is None:
            try:
                self._keep()
            except InputError as error:
                self.failed = error

    def bounded(self, value: float) -> None:
        """The engine has a better bound, in units of the weights; it counts if the formulation claims to bound."""
        if self.bounding and self.built is not None and math.isfinite(value):
            bound = self.built.bound(value)
            if bound < self.bound:
                self.bound = bound
                self.send(News(bound=bound))

    def _keep(self) -> bool:
        """Whether the checker accepts the plan of the point; the best is sent out."""
        plan = self._plan()
        if not self.problem.check_plan(self.instance, plan).feasible:
            return False
        value = self.problem.objective(self.instance, plan)
        if value > self.value:
            self.value = value
            self.send(News(plan=plan))
        return True

    def _plan(self) -> Plan:
        assert self.built is not None
        return self.built.extract()

    def _infeasible(self) -> FormulationError:
        """The error for a formulation whose plan breaks a rule."""
        violation = self.problem.check_plan(self.instance, self._plan()).violations[0]
        hint = "" if self.formulation.kind else "; if it is a relaxation, its module has to say KIND = 'relaxation'"
        kind = f", which claims to be {self.formulation.kind}," if self.formulation.kind else ""
        problem = f"{self.formulation.name}{kind} gives a plan that is not feasible: {violation}{hint}"
        return FormulationError(problem, source=SOURCE)
