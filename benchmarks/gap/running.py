"""One run of a study, in this process: whatever happens in it, a row comes out."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import math
import time
from collections.abc import Callable
from typing import Any

from partload.benchmarks.gap.rows import Asked, Bar, Lane, Outcome, Row
from partload.benchmarks.versions import installed
from partload.instances.channels import FlatChannel
from partload.instances.errors import InputError
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.solution import Solution, upload_starts
from partload.instances.partial_loading.transform import without_sharing
from partload.instances.problems import problem_of
from partload.instances.slide import instance as slide
from partload.instances.slide.solution import UserRecord
from partload.instances.solution import Timing
from partload.solvers.heuristic import CrashError, Packed, ready
from partload.solvers.heuristic_work import HeuristicError
from partload.solvers.partial_loading.bounds import knapsack
from partload.solvers.processes.result import failure_of
from partload.solvers.registry import Limits
from partload.solvers.slide.bounds import knapsack as slide_bounds
from partload.solvers.solving import InfeasiblePlanError, solve

EXACT = "exact"
"""As a method: the fastest one that is exact for the instance."""
MOST_BARS = 1000
MOST_LAYERS = 300
"""In the lanes of a row."""
DIGITS = 6
"""Of the times in them."""
WARM = {"partial-loading": (None, "milp", "tangents"), "slide": (None, "milp")}
"""What is imported for ``exact``, by problem: one of them may be it."""
LONGEST_REASON = 300


@dataclasses.dataclass(frozen=True)
class Task:
    """A run to be done. It goes to other processes by plain pickling."""

    asked: Asked
    instance: Any
    """The instance itself, also where the run is on its copy without sharing."""
    heuristic: bytes | None = None
    """A callable, pickled; None where the method is known by its name."""


def run(task: Task) -> Row:
    """Run a method, check its plan, and make a row of it, also of an exception.

    What has to be imported for a method is imported before its time starts.

    Raises
    ------
    CrashError
        When the process of a heuristic died: another try may go well.
    MemoryError
        When there is not enough memory: only the caller knows of a limit.
    """
    asked = task.asked
    since = time.perf_counter()
    try:
        method = _ready(task)
        instance = task.instance if asked.sharing else without_sharing(task.instance)
        since = time.perf_counter()
        memory = asked.memory_bytes if isinstance(method, Packed) else None  # Of the rest, the caller sees to it.
        solution = solve(instance, method, time_limit=asked.time_limit, gap=asked.gap, seed=asked.seed, memory=memory)
        took = time.perf_counter() - since
        return _row(task, instance, solution, took)
    except (CrashError, MemoryError):
        raise
    except BaseException as error:  # Whatever it is, it must not end the study.
        took = time.perf_counter() - since
        status = _outcome(error)
        bound = _bound(task) if status == "refused" and asked.method == EXACT else None
        return without_plan(task, status, _reason(error), took, bound=bound, traceback=_traceback(error))


def work(send: Callable[[Any], None], task: Task) -> Row:
    """The same, as a call of ``partload.solvers.processes``."""
    return run(task)


def without_plan(task: Task, status: Outcome, reason: str, seconds: float, **known: Any) -> Row:
    """The row of a run that came to nothing; ``known`` are other keys of it."""
    return Row(
        asked=task.asked,
        problem=problem_of(task.instance).name,
        status=status,
        reason=one_line(reason),
        requests=_asking(task.instance),
        weight=_weight(task.instance),
        total_s=seconds,
        versions=installed(),
        ended=_now(),
        **known,
    )


def one_line(text: str) -> str:
    """A text without line breaks, of bearable length, that UTF-8 can say."""
    text = _sayable(" ".join(text.split()))
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 3] + "..."


def _sayable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _row(task: Task, instance: Any, solution: Any, seconds: float) -> Row:
    loading = isinstance(solution, Solution)
    timing = solution.timing or Timing()
    return Row(
        asked=task.asked,
        problem=problem_of(instance).name,
        method=solution.method,
        formulation=solution.formulation,
        solver=solution.solver,
        status=solution.status or "unknown",
        termination=solution.termination,
        requests=_asking(instance),
        weight=_weight(instance),
        served=sum(len(slot.requests) for slot in solution.slots) if loading else len(solution.users),
        objective=solution.objective,
        bound=solution.bound,
        slots=len(solution.slots) if loading else None,
        total_s=seconds,
        build_s=timing.build_s,
        solve_s=timing.solve_s,
        bars=_bars(instance, solution) if loading else (),
        lanes=() if loading else _lanes(solution.users),
        versions=installed(),
        ended=_now(),
    )


def _bars(instance: Instance, solution: Solution) -> tuple[Bar, ...]:
    slots = solution.slots[:MOST_BARS]
    return tuple(
        Bar(
            model=slot.model,
            requests=len(slot.requests),
            loaded_bytes=instance.size_of(slot.loaded_blocks or ()),
            start_s=slot.start_s or 0.0,
            load_end_s=slot.load_end_s or 0.0,
            upload_start_s=upload_start,
            upload_end_s=slot.upload_end_s or 0.0,
            ready_s=slot.ready_s or 0.0,
            end_s=slot.end_s or 0.0,
        )
        for slot, upload_start in zip(slots, upload_starts(slots, instance))
    )


def _lanes(users: tuple[UserRecord, ...]) -> tuple[Lane, ...]:
    """The first users, as long as all of their layers are not too many."""
    lanes, layers = [], 0
    for user in users:
        layers += len(user.download_end_s or ())
        if layers > MOST_LAYERS:
            break
        lane = Lane(
            user=user.id,
            model=user.model,
            download_end_s=_rounded(user.download_end_s),
            compute_end_s=_rounded(user.compute_end_s),
        )
        lanes.append(lane)
    return tuple(lanes)


def _rounded(times: tuple[float, ...] | None) -> tuple[float, ...]:
    return tuple(float(f"{time_s:.{DIGITS}g}") for time_s in times or ())


def _ready(task: Task) -> str | Packed | None:
    """What ``solve`` takes as the method, with everything imported."""
    name = task.asked.method
    if task.heuristic is not None or ":" in name:
        packed = Packed(name, task.heuristic)
        ready(packed, Limits(time_limit=task.asked.time_limit, memory_bytes=task.asked.memory_bytes))
        return packed
    method = None if name == EXACT else name
    _warm(problem_of(task.instance).name, method)
    return method


@functools.cache
def _warm(problem: str, method: str | None) -> None:
    """Solve a tiny instance of a problem, once in this process."""
    for each in (method,) if method is not None else WARM[problem]:
        solve(_tiny(problem), each)


def _tiny(problem: str) -> Any:
    if problem == "slide":
        user = slide.User("u", ("m",), FlatChannel(1.0), 10.0, 1.0)
        return slide.Instance("tiny", slide.Downlink(10.0), (slide.Model("m", (slide.Layer(1.0, 1.0),)),), (user,))
    request = Request("r", "m", 1.0, FlatChannel(1.0), 10.0)
    return Instance("tiny", Server(1.0, 1.0), (Block("b", 1.0),), (Model("m", ("b",), 1.0, 1.0),), (request,))


def _bound(task: Task) -> float:
    """What is proved of an instance that is too large for ``exact``, so that there is a reference all the same."""
    if not isinstance(task.instance, Instance):
        return slide_bounds.upper_bound(task.instance)
    return knapsack.upper_bound(task.instance if task.asked.sharing else without_sharing(task.instance))


def _outcome(error: BaseException) -> Outcome:
    if isinstance(error, InfeasiblePlanError):
        return "infeasible"
    if isinstance(error, InputError) and not isinstance(error, HeuristicError):
        return "refused"
    return "failed"


def _reason(error: BaseException) -> str:
    """What went wrong and, where a program is at fault, in which line of it."""
    return error.problem if isinstance(error, InputError) else str(failure_of(error))


def _traceback(error: BaseException) -> str | None:
    """Where it went wrong, for who has to mend it; None where the call was wrong."""
    if isinstance(error, HeuristicError):
        return _sayable(error.details) or None
    return None if isinstance(error, InputError) else _sayable(failure_of(error).traceback)


def _asking(instance: Any) -> int:
    """How many want to be served."""
    return len(instance.demand)


def _weight(instance: Any) -> float:
    return math.fsum(one.weight for one in instance.demand)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
