"""A formulation of the user's own, solved in a process that can be ended; its bound is noted as a claim."""

from __future__ import annotations

import time
from collections.abc import Callable

import cloudpickle

from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance, Decision, Plan
from partload.instances.solution import Termination
from partload.solvers import interrupts, processes, user_code
from partload.solvers.engines import engine as engines
from partload.solvers.engines.engine import ENGINES
from partload.solvers.exact.child import GRACE_S
from partload.solvers.exact.task import News
from partload.solvers.progress import Progress
from partload.solvers.registry import Limits, Outcome
from partload.solvers.user_formulation.declaration import SOURCE, FormulationError, kind_of
from partload.solvers.user_formulation.task import Done, Packed, Task
from partload.solvers.user_heuristic.run import label, pickled

METHOD = "own-formulation"
"""What solutions name as their method."""
Build = Callable[..., object]
"""From an instance and the keyword ``slack`` to a built model."""


def packed(formulation: str | Build) -> Packed:
    """A formulation as it goes to another process; raises FormulationError on one that cannot be sent."""
    if isinstance(formulation, str):
        return Packed(formulation)
    try:
        return Packed(
            label(formulation), pickled(formulation), kind_of(formulation, getattr(formulation, "__module__", ""))
        )
    except FormulationError:
        raise
    except Exception as error:
        problem = f"cannot be sent to another process: {type(error).__name__}: {error}"
        raise FormulationError(problem, source=SOURCE) from None


def run(formulation: Packed, instance: AnyInstance, limits: Limits) -> Outcome[Decision]:
    """Solve an instance with a formulation of the user's own, and nothing else.

    At the time limit and on Ctrl-C the best plan and bound so far are kept.

    Raises
    ------
    InputError
        When the formulation cannot be had, refuses the instance, fails, lacks something, or gives a plan that is not
        feasible; when its process dies or takes too much memory; when the engine is not installed.
    """
    if user_code.importing():
        problem = 'its module solves something while it is imported: put the call under `if __name__ == "__main__":`'
        raise FormulationError(problem, source=SOURCE)
    if limits.solver in ENGINES:
        engines.ensure(limits.solver)
    return _Solve(formulation, instance, limits).run()


class _Solve:
    """One solve: what the child has sent so far."""

    def __init__(self, formulation: Packed, instance: AnyInstance, limits: Limits) -> None:
        self.formulation, self.instance, self.limits = formulation, instance, limits
        self.objective = problem_of(instance).objective
        self.since = time.perf_counter()
        self.plan: Plan = ()
        self.bound: float | None = None
        self.solver: str | None = None
        self.notes: list[str] = []

    def run(self) -> Outcome[Decision]:
        """Solve it in a process of its own."""
        limits = self.limits
        limit = limits.time_limit
        task = Task(self.formulation, cloudpickle.dumps(self.instance), limits.solver, limit, limits.gap, limits.seed)
        with interrupts.held() as stop:
            result = processes.call(
                "partload.solvers.user_formulation.work:work",
                task,
                time_limit=None if limit is None else limit + GRACE_S,
                memory_bytes=limits.memory_bytes,
                stop=stop,
                on_message=self._told,
                fresh=True,  # In this folder, with the module as it is now, and without threads of engines.
            )
        if result.ended == "returned":
            done: Done = result.value
            return self._outcome(done.termination, done)
        if result.ended == "time-limit":
            return self._outcome("time-limit")
        if result.ended == "stopped":
            return self._outcome("interrupted")
        raise user_code.error_of(result, FormulationError, SOURCE)

    def _told(self, news: News) -> None:
        """Keep what the child sends."""
        if news.plan is not None:
            self.plan = news.plan
        if news.bound is not None:
            self.bound = news.bound
        if news.solver is not None:
            self.solver = news.solver
        if news.note is not None:
            self.notes.append(news.note)
        if self.limits.listener is not None:
            worth = self.objective(self.instance, self.plan)
            self.limits.listener(Progress(time.perf_counter() - self.since, worth, self.bound))

    def _outcome(self, termination: Termination, done: Done | None = None) -> Outcome[Decision]:
        return Outcome(
            plan=self.plan,
            bound=self.bound,
            termination=termination,
            formulation=self.formulation.name,
            solver=self.solver,
            build_s=None if done is None else done.build_s,
            solve_s=None if done is None else done.solve_s,
            notes=tuple(self.notes),
            claim=_claim(self.formulation.name, done, self.bound),
        )


def _claim(name: str, done: Done | None, bound: float | None) -> str | None:
    """What the bound, or its absence, rests on."""
    if bound is not None:
        called = f", which calls itself {done.kind}" if done is not None else ""
        return f"the bound is a claim of {name}{called}; partload has checked the plan, not the formulation"
    if done is not None and done.kind is None:
        return f"no bound: the module of {name} does not say KIND = 'exact' or 'relaxation'"
    return None
