"""A heuristic of the user's own: any callable from an instance to a plan. It runs in a process that can be ended."""

from __future__ import annotations

import dataclasses
import sys
import threading
import time

import cloudpickle

from partload.instances.records import AnyInstance, Decision, Plan
from partload.solvers import interrupts, processes, user_code
from partload.solvers.processes import Result
from partload.solvers.processes.result import failure_of
from partload.solvers.registry import Limits, Outcome
from partload.solvers.user_heuristic import work as heuristic_work
from partload.solvers.user_heuristic.work import Heuristic, HeuristicError

IMPORT_S = 60.0
"""Seconds that its module has at least, where there is a time limit."""
GRACE_S = 1.0
"""Seconds that a heuristic which is told of its time limit has to come to an end."""


class CrashError(HeuristicError):
    """The process of a heuristic died."""


@dataclasses.dataclass(frozen=True)
class Packed:
    """A heuristic as it goes to another process."""

    name: str
    """``package.module:function``."""
    content: bytes | None = None
    """Pickled; None where the other process finds it by its name."""


def label(heuristic: Heuristic) -> str:
    """``package.module:function``, by which solutions and tables call it."""
    module = getattr(heuristic, "__module__", None) or type(heuristic).__module__
    return f"{module}:{getattr(heuristic, '__qualname__', type(heuristic).__name__)}"


def pickled(heuristic: Heuristic) -> bytes:
    """A heuristic as bytes; with its code where another process would not find its module, as in a notebook."""
    module = sys.modules.get(label(heuristic).partition(":")[0])
    if module is None or _is_found(module.__name__) or module.__name__ in cloudpickle.list_registry_pickle_by_value():
        return bytes(cloudpickle.dumps(heuristic))
    cloudpickle.register_pickle_by_value(module)
    try:
        return bytes(cloudpickle.dumps(heuristic))
    finally:
        cloudpickle.unregister_pickle_by_value(module)


def _is_found(module: str) -> bool:
    """Whether a module is found by its name; what was made or loaded in other ways is not."""
    package = module.partition(".")[0]
    return any(finder.find_spec(package, None) is not None for finder in sys.meta_path)


def ready(packed: Packed, limits: Limits, stop: threading.Event | None = None) -> frozenset[str]:
    """Import a heuristic where it will run; which of ``time_limit`` and ``seed`` it takes.

    Raises
    ------
    HeuristicError
        When it cannot be imported.
    KeyboardInterrupt
        When ``stop`` is set.
    """
    if user_code.importing():
        problem = (
            "its module asks for a heuristic while it is imported: put the call under "
            '`if __name__ == "__main__":` or into a module of its own'
        )
        raise HeuristicError(problem, source="method")
    allowed = None if limits.time_limit is None else max(limits.time_limit, IMPORT_S)
    result = processes.call(
        heuristic_work.ready,
        packed.name,
        packed.content,
        time_limit=allowed,
        memory_bytes=limits.memory_bytes,
        stop=stop,
    )
    if result.ended == "stopped":
        raise KeyboardInterrupt
    if result.ended != "returned":
        raise _error(result, "while it was imported, it ")
    takes: frozenset[str] = result.value
    return takes


def run(heuristic: Heuristic | Packed, instance: AnyInstance, limits: Limits) -> Outcome[Decision]:
    """Run a heuristic once; it proves nothing. At a time limit and on Ctrl-C the last plan that it has yielded is kept.

    What cannot be pickled runs in this process, if there are no limits that could not hold there.

    Raises
    ------
    HeuristicError
        When it cannot be imported, fails, takes too much memory, or gives something that is not a plan of the
        instance's problem; ``CrashError`` when its process dies.
    """
    try:
        packed = heuristic if isinstance(heuristic, Packed) else Packed(label(heuristic), pickled(heuristic))
        content = cloudpickle.dumps(instance)
    except Exception as error:
        if limits.time_limit is None and limits.memory_bytes is None and not isinstance(heuristic, Packed):
            return _run_here(heuristic, instance, limits)
        problem = f"cannot be sent to another process, where limits hold: {type(error).__name__}: {error}"
        raise HeuristicError(problem, source="method") from None
    with interrupts.held() as stop:
        try:
            return _run_there(packed, content, limits, stop)
        except KeyboardInterrupt:
            return Outcome((), None, "interrupted")


def _run_there(packed: Packed, instance: bytes, limits: Limits, stop: threading.Event) -> Outcome[Decision]:
    takes = ready(packed, limits, stop)
    time_limit = limits.time_limit
    if time_limit is not None and "time_limit" in takes:
        time_limit += GRACE_S
    kept: list[Plan] = [()]
    result = processes.call(
        heuristic_work.work,
        packed.name,
        packed.content,
        instance,
        _wishes(limits),
        time_limit=time_limit,
        memory_bytes=limits.memory_bytes,
        stop=stop,
        on_message=lambda plan: kept.append(plan),
    )
    if result.ended == "returned":
        plan, seconds = result.value
        return Outcome(plan, None, "heuristic-end", solve_s=seconds)
    if result.ended == "time-limit":
        return Outcome(kept[-1], None, "time-limit", solve_s=result.seconds)
    if result.ended == "stopped":
        return Outcome(kept[-1], None, "interrupted", solve_s=result.seconds)
    raise _error(result)


def _run_here(heuristic: Heuristic, instance: AnyInstance, limits: Limits) -> Outcome[Decision]:
    before = time.perf_counter()
    try:
        plan = heuristic_work.decided(heuristic, instance, _wishes(limits), lambda plan: None)
    except HeuristicError:
        raise
    except (Exception, SystemExit) as error:
        failure = failure_of(error)
        raise user_code.detailed(HeuristicError(str(failure), source="method"), failure) from error
    return Outcome(plan, None, "heuristic-end", solve_s=time.perf_counter() - before)


def _wishes(limits: Limits) -> dict[str, object]:
    return {name: getattr(limits, name) for name in heuristic_work.WISHES}


def _error(result: Result, doing: str = "") -> HeuristicError:
    """What a call that did not return is told as."""
    return user_code.error_of(result, HeuristicError, "method", doing=doing, crash=CrashError)
