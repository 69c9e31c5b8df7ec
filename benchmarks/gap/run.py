"""One run of a study, in this process. Its outcome becomes a row, an exception too."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import math
import time
from collections.abc import Callable

from partload.benchmarks.gap.problems import study_of
from partload.benchmarks.gap.rows import Outcome, Row, RunKey
from partload.benchmarks.versions import installed
from partload.instances.errors import InputError
from partload.instances.problems import by_name, problem_of
from partload.instances.records import AnyInstance
from partload.instances.solution import SolutionHeader, Timing
from partload.solvers.bounds import upper_bound
from partload.solvers.methods import METHODS
from partload.solvers.processes.result import failure_of
from partload.solvers.registry import Limits
from partload.solvers.selection import EXACT
from partload.solvers.solving import InfeasiblePlanError, solve
from partload.solvers.user_heuristic.run import CrashError, Packed, ready
from partload.solvers.user_heuristic.work import HeuristicError

LONGEST_REASON = 300
"""Most characters of a reason."""


@dataclasses.dataclass(frozen=True)
class Task:
    """A run to do. Plain pickling sends it to other processes."""

    asked: RunKey
    instance: AnyInstance
    """The instance with sharing, also when the run is on the copy without sharing."""
    heuristic: bytes | None = None
    """The pickle of a callable; None when the process finds the method by its name."""


def run(task: Task) -> Row:
    """Run a method, check its plan, and make a row of the outcome.

    The modules that a method needs are imported before its time starts.

    Raises
    ------
    CrashError
        When the process of a heuristic died: the caller may try again.
    MemoryError
        When there is not enough memory: the caller knows the limit.
    """
    asked = task.asked
    since = time.perf_counter()
    try:
        method = _prepare(task)
        instance = _instance(task)
        since = time.perf_counter()
        memory = asked.memory_bytes if isinstance(method, Packed) else None  # The caller limits every other method.
        solution = solve(instance, method, time_limit=asked.time_limit, gap=asked.gap, seed=asked.seed, memory=memory)
        took = time.perf_counter() - since
        return _row(task, instance, solution, took)
    except (CrashError, MemoryError):
        raise
    except BaseException as error:  # No exception of one run may end the study.
        took = time.perf_counter() - since
        status = _outcome(error)
        bound = _bound(task) if status == "refused" and asked.method == EXACT else None
        return row_without_plan(task, status, _reason(error), took, bound=bound, traceback=_traceback(error))


def run_in_child(send: Callable[[object], None], task: Task) -> Row:
    """Run a task as ``partload.solvers.processes.call`` calls it."""
    return run(task)


def row_without_plan(
    task: Task,
    status: Outcome,
    reason: str,
    seconds: float,
    *,
    bound: float | None = None,
    traceback: str | None = None,
    peak_bytes: int | None = None,
) -> Row:
    """Make the row of a run that ended without a plan."""
    return Row(
        asked=task.asked,
        problem=problem_of(task.instance).name,
        status=status,
        reason=one_line(reason),
        requests=_asking(task.instance),
        weight=_weight(task.instance),
        bound=bound,
        traceback=traceback,
        peak_bytes=peak_bytes,
        total_s=seconds,
        versions=installed(),
        ended=_now(),
    )


def one_line(text: str) -> str:
    """A text without line breaks, of at most ``LONGEST_REASON`` characters, that UTF-8 can encode."""
    text = _encodable(" ".join(text.split()))
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 3] + "..."


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _row(task: Task, instance: AnyInstance, solution: SolutionHeader, seconds: float) -> Row:
    problem, timing = problem_of(instance), solution.timing or Timing()
    row = Row(
        asked=task.asked,
        problem=problem.name,
        method=solution.method,
        formulation=solution.formulation,
        solver=solution.solver,
        status=solution.status or "unknown",
        termination=solution.termination,
        requests=_asking(instance),
        weight=_weight(instance),
        served=sum(problem.served(decision) for decision in solution.plan()),
        objective=solution.objective,
        bound=solution.bound,
        total_s=seconds,
        build_s=timing.build_s,
        solve_s=timing.solve_s,
        versions=installed(),
        ended=_now(),
    )
    return study_of(problem).with_drawing(row, instance, solution)


def _instance(task: Task) -> AnyInstance:
    """The instance that the run is on."""
    if task.asked.sharing:
        return task.instance
    return study_of(problem_of(task.instance)).without_sharing(task.instance)


def _prepare(task: Task) -> str | Packed | None:
    """Import what the method needs, and return it as ``solve`` takes it."""
    name = task.asked.method
    if task.heuristic is not None or ":" in name:
        packed = Packed(name, task.heuristic)
        ready(packed, Limits(time_limit=task.asked.time_limit, memory_bytes=task.asked.memory_bytes))
        return packed
    _warm_up(problem_of(task.instance).name, name)
    return name


@functools.cache
def _warm_up(problem: str, method: str) -> None:
    """Import what a method needs: it solves a tiny instance that it covers, once in this process."""
    study = study_of(by_name(problem))
    for each in study.WARM_UP if method == EXACT else (method,):
        known = [one for one in METHODS if (one.problem, one.name) == (problem, each)]
        covered = (tiny for tiny in study.TINY if not any(one.unsupported(tiny, Limits()) for one in known))
        solve(next(covered, study.TINY[0]), each)


def _bound(task: Task) -> float:
    """An upper bound for an instance that is too large for ``exact``: the reference of the other runs."""
    return upper_bound(_instance(task))


def _outcome(error: BaseException) -> Outcome:
    if isinstance(error, InfeasiblePlanError):
        return "infeasible"
    if isinstance(error, InputError) and not isinstance(error, HeuristicError):
        return "refused"
    return "failed"


def _reason(error: BaseException) -> str:
    """What went wrong; for an exception of a program, also its line."""
    return error.problem if isinstance(error, InputError) else str(failure_of(error))


def _traceback(error: BaseException) -> str | None:
    """The traceback of an exception of a program; None when the input was wrong."""
    if isinstance(error, HeuristicError):
        return _encodable(error.details) or None
    return None if isinstance(error, InputError) else _encodable(failure_of(error).traceback)


def _asking(instance: AnyInstance) -> int:
    """Number of requests or users."""
    return len(instance.demand)


def _weight(instance: AnyInstance) -> float:
    """Total weight of the requests or users."""
    return math.fsum(one.weight for one in instance.demand)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
