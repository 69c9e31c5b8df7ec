"""Worker processes on this machine: one run each at a time, and another process for one that dies."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import BinaryIO, cast

from benchmarks.gap.frames import receive, send
from benchmarks.gap.rows import Asked, Row
from benchmarks.gap.running import Task, without_plan
from instances.errors import InputError

TRIES = 3
"""Processes that may die of a run before it is given up."""
GRACE_S = 10.0
"""Seconds past its time limit, or as many as the limit itself has, before a run is stopped by force."""
DYING_S = 1.0
_START = "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); from benchmarks.gap.worker import main; main()"


class Process:
    """A process that runs one task at a time, in a session of its own: Ctrl-C in the terminal does not reach it.

    Raises
    ------
    InputError
        When it does not start.
    """

    def __init__(self) -> None:
        self._closed = False
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, json.dumps([str(folder) for folder in sys.path])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        self._tasks = cast(BinaryIO, self._process.stdin)
        self._answers = cast(BinaryIO, self._process.stdout)
        if receive(self._answers) is None:
            raise InputError(f"a worker process does not start, it ended with {self.epitaph()}", source="workers")

    def run(self, task: bytes) -> bytes | None:
        """Run a pickled task; the pickled row, or None when the process died."""
        self._errors.seek(0)
        self._errors.truncate()
        try:
            send(self._tasks, task)
        except OSError:
            return None
        return receive(self._answers)

    def kill(self) -> None:
        """End it, and what its run has started, at once; may be called from any thread, and again."""
        if self._closed:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def epitaph(self) -> str:
        """How it died, and its last words."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(DYING_S)  # Its pipes close a moment before it ends.
        self.kill()
        status = self._process.wait()
        how = f"exit status {status}" if status >= 0 else f"signal {_signal_name(-status)}"
        end = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(end - 1000, 0))
        words = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        self.close()
        return f"{how}: {words[-1]}" if words else how

    def close(self) -> None:
        """End it and let go of its pipes."""
        self.kill()
        self._closed = True
        self._process.wait()
        for stream in (self._tasks, self._answers, self._errors):
            with contextlib.suppress(OSError):
                stream.close()


class StoppedError(Exception):
    """The run was ended because nobody wants its row any more."""


class Seat:
    """Where one run at a time is done: by a process, and by another one when that dies."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._stopped = False

    def settle(self, task: Task) -> Row:
        """The row of a task, also when its run kills its process or does not stop.

        Raises
        ------
        StoppedError
            When ``stop`` was called.
        InputError
            When no process starts.
        """
        content = pickle.dumps(task)
        why = ""
        for _ in range(TRIES):
            since = time.perf_counter()
            process = self._seated()
            with _alarm(task.asked.time_limit, process) as overran:
                answer = process.run(content)
            took = time.perf_counter() - since
            if self._stopped:
                raise StoppedError
            if answer is not None:
                row: Row = pickle.loads(answer)
                return row
            why = process.epitaph()
            self._process = None
            if overran.is_set():
                problem = f"did not stop at its time limit, was ended by force after {took:.0f} s"
                return without_plan(task, "failed", problem, took)
        return without_plan(task, "failed", f"its process died {TRIES} times, at last with {why}", took)

    def stop(self) -> None:
        """End what runs; for any thread."""
        self._stopped = True
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """Let go of the process."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def _seated(self) -> Process:
        if self._process is None:
            self._process = Process()
        if self._stopped:
            raise StoppedError
        return self._process


class Team:
    """Several processes that take runs from one queue. As a context: leaving it ends what still runs.

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
        self._running: dict[Seat, tuple[Asked, float]] = {}
        self._seats = [Seat() for _ in range(count)]
        self._threads = [threading.Thread(target=self._work, args=(seat,), daemon=True) for seat in self._seats]

    def __enter__(self) -> Team:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for seat in self._seats:
            seat.stop()
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
        return [(asked, now - since) for asked, since in list(self._running.values())]

    def _work(self, seat: Seat) -> None:
        """What the thread of a seat does."""
        try:
            while True:
                task = self._tasks.get_nowait()
                self._running[seat] = (task.asked, time.perf_counter())
                self._ended.put(seat.settle(task))
                self._running.pop(seat)
        except (queue.Empty, StoppedError):
            pass
        except BaseException as error:  # Whatever it is, somebody waits for it.
            self._ended.put(error)
        finally:
            seat.close()


@contextlib.contextmanager
def _alarm(limit: float | None, process: Process) -> Iterator[threading.Event]:
    """Kill the process when a run goes far past its time limit; the event says that it was so."""
    overran = threading.Event()
    if limit is None:
        yield overran
        return

    def ring() -> None:
        overran.set()
        process.kill()

    timer = threading.Timer(limit + max(GRACE_S, limit), ring)
    timer.daemon = True
    timer.start()
    try:
        yield overran
    finally:
        timer.cancel()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
