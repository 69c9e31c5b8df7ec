"""A call of a function in a child process: it returns in time, or whatever it does, is ended."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pickle
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import cloudpickle

from partload.instances.errors import InputError
from partload.solvers.processes import memory, pool
from partload.solvers.processes.frames import Frame, Kind
from partload.solvers.processes.nesting import depth
from partload.solvers.processes.process import Process
from partload.solvers.processes.result import Ending, Result, failure_of

POLL_S = 0.02
START_S = 120.0
"""Seconds that a child may take to start and to receive its task."""
MOST_NESTED = 5
Receiver = Callable[[Any], bool | None]


@dataclasses.dataclass(frozen=True)
class _Limits:
    time_limit: float | None
    memory_bytes: int | None
    stop: threading.Event | None


def call(
    work: Callable[..., Any] | str,
    *arguments: Any,
    time_limit: float | None = None,
    memory_bytes: int | None = None,
    stop: threading.Event | None = None,
    on_message: Receiver | None = None,
    fresh: bool = False,
) -> Result:
    """Run ``work(send, *arguments)`` in a child process, from any thread.

    ``send(message)`` passes a message to this process at once, from any thread of the child. Whatever prints there, at
    the level of C too, does not appear here. Ctrl-C here ends the child.

    Parameters
    ----------
    work
        A function, or ``module:function``, which the child imports.
    *arguments
        What can be pickled, classes and functions of notebooks and of ``__main__`` included.
    time_limit
        Seconds from when the child begins; then it is killed. None for no limit.
    memory_bytes
        Resident memory of the child and all that it starts; beyond, it is killed. None for no limit.
    stop
        When set, by another thread or Ctrl-C, the child is killed.
    on_message
        Called in this thread with each message; when it returns True, that is enough, and the child is killed.
    fresh
        Whether to start a new process although one waits.

    Raises
    ------
    InputError
        When no process starts, memory cannot be limited on this system, or this process is in too many calls, as work
        that calls itself is.
    Exception
        What pickling the work and its arguments raises, and what ``on_message`` raises.
    """
    if depth() >= MOST_NESTED:
        raise InputError(f"expected no more than {MOST_NESTED} processes inside of each other")
    limits = _Limits(time_limit, memory_bytes, stop)
    task = cloudpickle.dumps((dict(os.environ), work, arguments, memory_bytes))
    while True:
        if stop is not None and stop.is_set():
            return Result("stopped", 0.0, "was stopped")
        waiting = None if fresh else pool.take()
        with _ending(waiting or _started()) as process:
            result = _Watch(process, limits, on_message).run(task)
            if result is not None:
                return result
            if waiting is None:
                raise InputError(f"a worker process does not start, it ended with {process.epitaph()}")


def _started() -> Process:
    try:
        return Process()
    except OSError as error:
        raise InputError(f"a worker process does not start: {error}") from None


@contextlib.contextmanager
def _ending(process: Process) -> Iterator[Process]:
    """Whatever happens to the caller, the process is ended, unless it can wait for another task."""
    try:
        yield process
    finally:
        if process.reusable:
            pool.put(process)
        else:
            process.close()


class _Watch:
    """One task of a child, from the first frame to the last."""

    def __init__(self, process: Process, limits: _Limits, on_message: Receiver | None) -> None:
        self.process, self.limits, self.on_message = process, limits, on_message
        self.since = time.perf_counter()
        self.taken = False
        self.peak_bytes = 0
        self.interval_s = memory.interval_s(limits.memory_bytes is not None)
        self.measured = 0.0
        process.reusable = False

    def run(self, task: bytes) -> Result | None:
        """How it ends; None when the child was gone or outdated before it began."""
        answers = self.process.give(task)
        while True:
            try:
                frame = answers.get(timeout=self._patience())
            except queue.Empty:
                result = None
            else:
                if frame is None and not self.taken:
                    return None
                result = self._died() if frame is None else self._answered(frame)
            result = result or self._exceeded()
            if result is not None:
                return result

    def _patience(self) -> float:
        """Seconds until somebody should look at limits again."""
        if self.limits.time_limit is None or not self.taken:
            return POLL_S
        return min(POLL_S, max(self.limits.time_limit - self._seconds(), 0.0))

    def _answered(self, frame: Frame) -> Result | None:
        if frame.kind is Kind.TAKEN:
            self.taken, self.since = True, time.perf_counter()
            return None
        if frame.kind is Kind.MESSAGE:
            return self._told(frame)
        if frame.kind is Kind.OUTDATED:
            return None
        return self._final(frame)

    def _told(self, frame: Frame) -> Result | None:
        try:
            message = pickle.loads(frame.content)
        except Exception as error:
            return self._unreadable(error)
        enough = self.on_message is not None and self.on_message(message)
        return self._ended("stopped", "was stopped") if enough else None

    def _final(self, frame: Frame) -> Result:
        outcome, peak_bytes, reusable = pickle.loads(frame.content)
        self.peak_bytes = max(self.peak_bytes, peak_bytes or 0)
        limit = self.limits.memory_bytes
        failure = None
        if frame.kind is Kind.RETURNED:
            try:
                outcome = pickle.loads(outcome)
            except Exception as error:  # Such as a module that cannot be imported here.
                return self._unreadable(error)
        else:
            failure = outcome
        if limit is not None and (self.peak_bytes > limit or isinstance(failure and failure.error, MemoryError)):
            return self._too_much(limit)
        self.process.reusable = reusable
        if failure is not None:
            return self._ended("raised", str(failure), failure=failure)
        return self._ended("returned", "", value=outcome)

    def _exceeded(self) -> Result | None:
        """What is to be said when a limit is exceeded; None when none is."""
        if self.limits.stop is not None and self.limits.stop.is_set():
            return self._ended("stopped", "was stopped")
        if not self.taken:
            if self._seconds() > START_S:
                raise InputError(f"a worker process does not start within {START_S:g} s")
            return None
        self.process.forget_much()
        if self._seconds() - self.measured >= self.interval_s:
            self.measured = self._seconds()
            self.peak_bytes = max(self.peak_bytes, memory.resident(self.process.id) or 0)
        limit = self.limits.memory_bytes
        if limit is not None and self.peak_bytes > limit:
            return self._too_much(limit)
        if self.limits.time_limit is not None and self._seconds() >= self.limits.time_limit:
            return self._ended("time-limit", f"did not end within {self.limits.time_limit:g} s")
        return None

    def _too_much(self, limit: int) -> Result:
        return self._ended("memory", f"used more than {memory.in_words(limit)} of memory")

    def _unreadable(self, error: Exception) -> Result:
        """What the child gives cannot be had here, as when its class is in a module that cannot be imported."""
        failure = failure_of(error)
        return self._ended("raised", str(failure), failure=failure)

    def _died(self) -> Result:
        return self._ended("died", f"died with {self.process.epitaph()}")

    def _ended(self, ended: Ending, reason: str, **outcome: Any) -> Result:
        seconds = self._seconds()
        self.peak_bytes = max(self.peak_bytes, memory.peak(self.process.id) or 0)
        if not self.process.reusable:
            self.process.kill()
        return Result(
            ended,
            seconds,
            reason,
            printed=self.process.printed(),
            peak_bytes=self.peak_bytes or None,
            **outcome,
        )

    def _seconds(self) -> float:
        return time.perf_counter() - self.since
