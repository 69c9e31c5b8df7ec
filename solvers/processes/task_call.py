"""A call of a function in a worker process, with limits on time and resident memory that hold whatever it does."""

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
from partload.solvers.processes import memory, worker_pool
from partload.solvers.processes.message_framing import Message, MessageKind
from partload.solvers.processes.nesting import depth
from partload.solvers.processes.result import Ending, Failure, Result, failure_of
from partload.solvers.processes.worker import Worker

POLL_S = 0.02
"""Seconds between two checks of the limits."""
START_S = 120.0
"""Seconds that a worker may take to start and to receive its task."""
MOST_NESTED = 5
"""Calls that a process may be inside of."""
Receiver = Callable[[Any], bool | None]
"""Called with what a task sends; True ends the task."""


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
    """Run ``work(send, *arguments)`` in a worker process, from any thread.

    ``send(message)`` passes a message to this process at once, from any thread of the worker. What the worker prints,
    from C code too, does not appear here. Ctrl-C here ends the worker.

    Parameters
    ----------
    work
        A function, or ``module:function``, which the worker imports.
    *arguments
        Anything that can be pickled, with classes and functions of notebooks and of ``__main__``.
    time_limit
        Seconds since the worker began; then it is killed. None for no limit.
    memory_bytes
        Resident memory of the worker and its descendants; beyond it, the worker is killed. None for no limit.
    stop
        The worker is killed when another thread or Ctrl-C sets it.
    on_message
        Called in this thread with each message; when it returns True, the worker is killed.
    fresh
        Whether to start a new worker even if one is idle.

    Raises
    ------
    InputError
        When no worker starts, when memory cannot be limited on this system, or when calls are nested too deep, as in
        work that calls itself.
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
        idle = None if fresh else worker_pool.acquire()
        with _releasing(idle or _start()) as worker:
            result = _TaskMonitor(worker, limits, on_message).run(task)
            if result is not None:
                return result
            if idle is None:
                raise InputError(f"a worker process does not start, it ended with {worker.describe_exit()}")


def _start() -> Worker:
    try:
        return Worker()
    except OSError as error:
        raise InputError(f"a worker process does not start: {error}") from None


@contextlib.contextmanager
def _releasing(worker: Worker) -> Iterator[Worker]:
    """Put the worker into the pool afterwards if it is reusable, otherwise end it, whatever is raised."""
    try:
        yield worker
    finally:
        if worker.reusable:
            worker_pool.release(worker)
        else:
            worker.close()


class _TaskMonitor:
    """Follows one task from its first message to its last, and enforces the limits."""

    def __init__(self, worker: Worker, limits: _Limits, on_message: Receiver | None) -> None:
        self.worker, self.limits, self.on_message = worker, limits, on_message
        self.since = time.perf_counter()
        self.started = False
        self.peak_bytes = 0
        self.polling_interval_s = memory.polling_interval_s(limits.memory_bytes is not None)
        self.measured_s = 0.0
        worker.reusable = False

    def run(self, task: bytes) -> Result | None:
        """The result; None when the worker was gone or outdated before it began."""
        answers = self.worker.submit(task)
        while True:
            try:
                message = answers.get(timeout=self._wait_s())
            except queue.Empty:
                result = None
            else:
                if message is None and not self.started:
                    return None
                result = self._died() if message is None else self._handle(message)
            result = result or self._check_limits()
            if result is not None:
                return result

    def _wait_s(self) -> float:
        """Seconds until the next check of the limits."""
        if self.limits.time_limit is None or not self.started:
            return POLL_S
        return min(POLL_S, max(self.limits.time_limit - self._seconds(), 0.0))

    def _handle(self, message: Message) -> Result | None:
        if message.kind is MessageKind.STARTED:
            self.started, self.since = True, time.perf_counter()
            return None
        if message.kind is MessageKind.SENT:
            return self._deliver(message)
        if message.kind is MessageKind.OUTDATED:
            return None
        return self._finish(message)

    def _deliver(self, message: Message) -> Result | None:
        try:
            sent = pickle.loads(message.content)
        except Exception as error:
            return self._unreadable(error)
        enough = self.on_message is not None and self.on_message(sent)
        return self._end("stopped", "was stopped") if enough else None

    def _finish(self, message: Message) -> Result:
        outcome, peak_bytes, reusable = pickle.loads(message.content)
        self.peak_bytes = max(self.peak_bytes, peak_bytes or 0)
        limit = self.limits.memory_bytes
        failure: Failure | None = None
        if message.kind is MessageKind.RETURNED:
            try:
                outcome = pickle.loads(outcome)
            except Exception as error:  # For example a module that cannot be imported here.
                return self._unreadable(error)
        else:
            failure = outcome
        if limit is not None and (self.peak_bytes > limit or isinstance(failure and failure.error, MemoryError)):
            return self._exceed_memory(limit)
        self.worker.reusable = reusable
        if failure is not None:
            return self._end("raised", str(failure), failure=failure)
        return self._end("returned", "", value=outcome)

    def _check_limits(self) -> Result | None:
        """The result when a limit is exceeded; None otherwise."""
        if self.limits.stop is not None and self.limits.stop.is_set():
            return self._end("stopped", "was stopped")
        if not self.started:
            if self._seconds() > START_S:
                raise InputError(f"a worker process does not start within {START_S:g} s")
            return None
        self.worker.limit_output()
        if self._seconds() - self.measured_s >= self.polling_interval_s:
            self.measured_s = self._seconds()
            self.peak_bytes = max(self.peak_bytes, memory.resident(self.worker.id) or 0)
        limit = self.limits.memory_bytes
        if limit is not None and self.peak_bytes > limit:
            return self._exceed_memory(limit)
        if self.limits.time_limit is not None and self._seconds() >= self.limits.time_limit:
            return self._end("time-limit", f"did not end within {self.limits.time_limit:g} s")
        return None

    def _exceed_memory(self, limit: int) -> Result:
        return self._end("memory", f"used more than {memory.format_size(limit)} of memory")

    def _unreadable(self, error: Exception) -> Result:
        """The result when an answer cannot be unpickled here, such as an object of a module that cannot be imported."""
        failure = failure_of(error)
        return self._end("raised", str(failure), failure=failure)

    def _died(self) -> Result:
        return self._end("died", f"died with {self.worker.describe_exit()}")

    def _end(self, ended: Ending, reason: str, value: object = None, failure: Failure | None = None) -> Result:
        seconds = self._seconds()
        self.peak_bytes = max(self.peak_bytes, memory.peak(self.worker.id) or 0)
        if not self.worker.reusable:
            self.worker.kill()
        return Result(
            ended,
            seconds,
            reason,
            printed=self.worker.printed(),
            peak_bytes=self.peak_bytes or None,
            value=value,
            failure=failure,
        )

    def _seconds(self) -> float:
        return time.perf_counter() - self.since
