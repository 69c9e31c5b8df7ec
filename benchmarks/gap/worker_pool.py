"""Runs of a study on this machine: several at a time, each in a process of its own that can be ended."""

from __future__ import annotations

import dataclasses
import queue
import threading
import time
from collections.abc import Iterable
from types import TracebackType

from partload.benchmarks.gap import run
from partload.benchmarks.gap.rows import Row, RunKey
from partload.benchmarks.gap.run import Task, row_without_plan
from partload.solvers import processes
from partload.solvers.user_heuristic.run import CrashError

TRIES = 3
"""How many processes may die of a run before the run counts as failed."""
GRACE_S = 10.0
"""Least seconds past its time limit before a run is ended by force; a longer limit grants as many as it has itself."""


class StoppedError(Exception):
    """The run was ended because the study no longer needs its row."""


def run_in_process(task: Task, stop: threading.Event) -> Row:
    """Run a task in a process of its own. A crash, an overrun or too much memory becomes a row as well.

    Raises
    ------
    StoppedError
        When the event is set.
    InputError
        When no process starts.
    """
    limit = task.asked.time_limit
    allowed = None if limit is None else limit + max(GRACE_S, limit)
    why = ""
    for _ in range(TRIES):
        result = processes.call(
            run.run_in_child, task, time_limit=allowed, memory_bytes=task.asked.memory_bytes, stop=stop
        )
        crash = result.failure.error if result.failure is not None else None
        match result.ended:
            case "returned":
                row: Row = result.value
                return dataclasses.replace(row, peak_bytes=result.peak_bytes)
            case "stopped":
                raise StoppedError
            case "died":
                why = result.reason
            case "raised" if isinstance(crash, CrashError):
                why = crash.problem
            case "time-limit":
                problem = f"did not stop at its time limit, was ended by force after {result.seconds:.0f} s"
                return row_without_plan(task, "failed", problem, result.seconds, peak_bytes=result.peak_bytes)
            case _:
                return row_without_plan(task, "failed", result.reason, result.seconds, peak_bytes=result.peak_bytes)
    reason = f"tried {TRIES} times, at last it {why}"
    return row_without_plan(task, "failed", reason, result.seconds, peak_bytes=result.peak_bytes)


class WorkerPool:
    """Threads that take tasks from one queue. Leaving the pool, a context manager, ends the runs that still go on.

    Parameters
    ----------
    tasks
        The tasks to run.
    capacity
        How many run at a time.
    """

    def __init__(self, tasks: Iterable[Task], capacity: int) -> None:
        self.capacity = capacity
        self._tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()
        for task in tasks:
            self._tasks.put(task)
        self._ended: queue.SimpleQueue[Row | BaseException] = queue.SimpleQueue()
        self._running: dict[RunKey, float] = {}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(capacity)]

    def __enter__(self) -> WorkerPool:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def next(self, timeout_s: float) -> Row | None:
        """Wait for the next run that ends, and return its row; None when none ends in time.

        Raises
        ------
        InputError
            When processes do not start.
        """
        try:
            ended = self._ended.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if isinstance(ended, BaseException):
            raise ended
        return ended

    def running(self) -> list[tuple[RunKey, float]]:
        """Runs that go on now, each with the seconds since its start."""
        now = time.perf_counter()
        return [(key, now - since) for key, since in list(self._running.items())]

    def _work(self) -> None:
        """Run tasks until none is left. Every thread of the pool does this."""
        try:
            while True:
                task = self._tasks.get_nowait()
                self._running[task.asked] = time.perf_counter()
                self._ended.put(run_in_process(task, self._stop))
                self._running.pop(task.asked)
        except (queue.Empty, StoppedError):
            pass
        except BaseException as error:  # `next` raises it in the thread of the study, which waits for a row.
            self._ended.put(error)
