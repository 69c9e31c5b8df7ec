"""The runs of a study on this machine: several at a time, each in a process that can be ended."""

from __future__ import annotations

import dataclasses
import queue
import threading
import time
from collections.abc import Iterable
from types import TracebackType

from partload.benchmarks.gap import running
from partload.benchmarks.gap.rows import Asked, Row
from partload.benchmarks.gap.running import Task, without_plan
from partload.solvers import processes
from partload.solvers.heuristic import CrashError

TRIES = 3
"""Processes that may die of a run before it is given up."""
GRACE_S = 10.0
"""Seconds past its time limit, or as many as the limit itself has, before a run is stopped by force."""


class StoppedError(Exception):
    """The run was ended because nobody wants its row any more."""


def settle(task: Task, stop: threading.Event) -> Row:
    """The row of a task, also when its run kills its process, does not stop or takes too much memory.

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
        result = processes.call(running.work, task, time_limit=allowed, memory_bytes=task.asked.memory_bytes, stop=stop)
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
                return without_plan(task, "failed", problem, result.seconds, peak_bytes=result.peak_bytes)
            case _:
                return without_plan(task, "failed", result.reason, result.seconds, peak_bytes=result.peak_bytes)
    reason = f"tried {TRIES} times, at last it {why}"
    return without_plan(task, "failed", reason, result.seconds, peak_bytes=result.peak_bytes)


class Team:
    """Several threads that take runs from one queue. As a context: leaving it ends what still runs.

    Parameters
    ----------
    tasks
        The runs to be done.
    count
        How many at a time.
    """

    def __init__(self, tasks: Iterable[Task], count: int) -> None:
        self.hands = count
        self._tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()
        for task in tasks:
            self._tasks.put(task)
        self._ended: queue.SimpleQueue[Row | BaseException] = queue.SimpleQueue()
        self._running: dict[Asked, float] = {}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]

    def __enter__(self) -> Team:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def next(self, seconds: float) -> Row | None:
        """The row of the next run that ends, None when none does for so long.

        Raises
        ------
        InputError
            When processes do not start.
        """
        try:
            ended = self._ended.get(timeout=seconds)
        except queue.Empty:
            return None
        if isinstance(ended, BaseException):
            raise ended
        return ended

    def running(self) -> list[tuple[Asked, float]]:
        """What runs now, and for how many seconds."""
        now = time.perf_counter()
        return [(asked, now - since) for asked, since in list(self._running.items())]

    def _work(self) -> None:
        """What each thread does."""
        try:
            while True:
                task = self._tasks.get_nowait()
                self._running[task.asked] = time.perf_counter()
                self._ended.put(settle(task, self._stop))
                self._running.pop(task.asked)
        except (queue.Empty, StoppedError):
            pass
        except BaseException as error:  # Whatever it is, somebody waits for it.
            self._ended.put(error)
