"""Runs of a study on a Dask cluster. Needs ``distributed``, the extra ``dask``.

A Dask task starts a process beside its Dask worker, as ``worker_pool`` does on one machine: a run that crashes or does
not stop does not harm the Dask worker. When a Dask worker dies, the scheduler gives its runs to other workers.
"""

from __future__ import annotations

import contextlib
import logging
import pickle
import queue
import threading
import time
import uuid
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Protocol

from partload.benchmarks.gap.rows import Row, RunKey
from partload.benchmarks.gap.run import Task, row_without_plan
from partload.benchmarks.gap.worker_pool import run_in_process
from partload.benchmarks.versions import installed
from partload.instances import extras
from partload.instances.errors import InputError

CONNECT_S = 5.0
SUBMITTED_PER_THREAD = 2
"""Runs submitted to the cluster for each of its threads: one runs, one waits."""


class Future(Protocol):
    """The members of ``distributed.Future`` that a study uses."""

    status: str

    def exception(self) -> BaseException | None:
        """The exception that the Dask task raised."""

    def result(self) -> bytes:
        """What the Dask task returned."""

    def add_done_callback(self, callback: Callable[[Future], None]) -> None:
        """Call back when the Dask task has ended."""


class Cluster:
    """Runs tasks on a cluster, with the methods of ``worker_pool.WorkerPool``.

    Parameters
    ----------
    tasks
        The tasks to run.
    address
        Address of the scheduler, such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    InputError
        When no scheduler answers, the workers lack this package or have another version of it, or ``distributed`` is
        not installed.
    """

    def __init__(self, tasks: Iterable[Task], address: str) -> None:
        distributed = extras.load("distributed", f"dask {address}")
        self._address = address
        self._study = uuid.uuid4().hex
        self._tasks = deque(tasks)
        self._ended: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self._running: dict[Future, tuple[Task, float]] = {}
        self._quiet = contextlib.ExitStack()
        try:
            _ = distributed.comm.addressing.parse_host_port(distributed.comm.parse_address(address)[1])
            self._client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
        except Exception as error:
            problem = f"no scheduler of Dask answers here: {' '.join(str(error).split()) or type(error).__name__}"
            raise InputError(problem, source=address) from None

    def __enter__(self) -> Cluster:
        try:
            found = set(self._client.run(_version).values())
        except Exception as error:
            self._client.close()
            problem = f"expected workers that have partload: {' '.join(str(error).split())}"
            raise InputError(problem, source=self._address) from None
        if found - {_version()}:
            self._client.close()
            problem = f"expected workers with partload {_version()}, there are some with {', '.join(sorted(found))}"
            raise InputError(problem, source=self._address)
        self._quiet.enter_context(_without_dask_log())
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with contextlib.suppress(Exception):
            self._client.cancel(list(self._running), force=True)
            self._client.run(_stop_study, self._study)
        self._client.close()
        self._quiet.close()

    def next(self, timeout_s: float) -> Row | None:
        """Wait for the next run that ends, and return its row; None when none ends in time.

        Raises
        ------
        InputError
            When the cluster is lost.
        """
        try:
            self._submit()
            future = self._ended.get(timeout=timeout_s)
            task, since = self._running.pop(future)
            if future.status in ("cancelled", "lost"):
                raise ConnectionError(future.status)
            died = future.exception() if future.status == "error" else None
            row: Row | None = None if died else pickle.loads(future.result())
        except queue.Empty:
            return None
        except Exception as error:  # An exception of a run is in its row: this one is about the cluster.
            problem = f"the cluster does not answer any more ({type(error).__name__}); the same call again goes on"
            raise InputError(problem, source=self._address) from None
        if row is not None:
            return row
        return row_without_plan(task, "failed", _reason(died), time.perf_counter() - since)

    def running(self) -> list[tuple[RunKey, float]]:
        """Runs that the cluster has now, each with the seconds since it was submitted."""
        now = time.perf_counter()
        return [(task.asked, now - since) for task, since in self._running.values()]

    @property
    def capacity(self) -> int:
        """How many runs the cluster does at a time."""
        return max(sum(self._client.nthreads().values()), 1)

    def _submit(self) -> None:
        """Submit more tasks, but not all at once: each one holds its instance."""
        most = SUBMITTED_PER_THREAD * self.capacity if self._tasks else 0
        while self._tasks and len(self._running) < most:
            task = self._tasks.popleft()
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # Dask warns of large instances, and there is no other way to send them.
                future: Future = self._client.submit(_run_on_worker, pickle.dumps(task), self._study, pure=False)
            self._running[future] = (task, time.perf_counter())
            future.add_done_callback(self._ended.put)


@contextlib.contextmanager
def _without_dask_log() -> Iterator[None]:
    """Silence the Dask client: the error that ``Cluster`` raises says in one line that the cluster is lost."""
    log = logging.getLogger("distributed.client")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


_stop_events: dict[str, threading.Event] = {}
"""On a Dask worker: for each study, the event that ends its runs."""


def _run_on_worker(content: bytes, study: str) -> bytes:
    """On a Dask worker: run a task, and return its row."""
    stop = _stop_events.setdefault(study, threading.Event())
    return pickle.dumps(run_in_process(pickle.loads(content), stop))


def _stop_study(study: str) -> None:
    """On a Dask worker: end the runs of a study."""
    _stop_events.pop(study, threading.Event()).set()


def _version() -> str:
    return installed()["partload"]


def _reason(error: BaseException | None) -> str:
    if type(error).__name__ == "KilledWorker":
        return "the workers of the cluster that ran it died, one after the other"
    return f"on the cluster: {type(error).__name__}: {error}"
