"""The runs of a study on a cluster of Dask. Needs ``distributed``, the extra ``dask``.

A task of Dask starts a process of its own beside the Dask worker, as on one machine: a run that kills its process or
does not stop leaves the Dask worker alone. When a Dask worker dies, the scheduler gives its runs to others.
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
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any

from partload.benchmarks.gap.rows import Asked, Row
from partload.benchmarks.gap.running import Task, without_plan
from partload.benchmarks.gap.workers import settle
from partload.benchmarks.versions import installed
from partload.instances import extras
from partload.instances.errors import InputError

CONNECT_S = 5.0
AHEAD = 2
"""Runs handed to the cluster for each of its threads: one to run, one to wait."""


class Cluster:
    """Runs on a cluster, as ``workers.Team`` on this machine.

    Parameters
    ----------
    tasks
        The runs to be done.
    address
        Of the scheduler, such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    InputError
        When there is no such scheduler, its workers have another version of this package or none, or ``distributed``
        is not installed.
    """

    def __init__(self, tasks: Iterable[Task], address: str) -> None:
        distributed = extras.load("distributed", f"dask {address}")
        self._address = address
        self._study = uuid.uuid4().hex
        self._tasks = deque(tasks)
        self._ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._running: dict[Any, tuple[Task, float]] = {}
        self._silence = contextlib.ExitStack()
        try:
            _ = distributed.comm.addressing.parse_host_port(distributed.comm.parse_address(address)[1])
            self._client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
        except Exception as error:
            problem = f"no scheduler of Dask answers here: {' '.join(str(error).split()) or type(error).__name__}"
            raise InputError(problem, source=address) from None

    def __enter__(self) -> Cluster:
        try:
            there = set(self._client.run(_version).values())
        except Exception as error:
            self._client.close()
            problem = f"expected workers that have partload: {' '.join(str(error).split())}"
            raise InputError(problem, source=self._address) from None
        if there - {_version()}:
            self._client.close()
            problem = f"expected workers with partload {_version()}, there are some with {', '.join(sorted(there))}"
            raise InputError(problem, source=self._address)
        self._silence.enter_context(_silent())
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with contextlib.suppress(Exception):
            self._client.cancel(list(self._running), force=True)
            self._client.run(_stop, self._study)
        self._client.close()
        self._silence.close()

    def next(self, seconds: float) -> Row | None:
        """The row of the next run that ends, None when none does for so long.

        Raises
        ------
        InputError
            When the cluster is lost.
        """
        try:
            self._hand_out()
            future = self._ended.get(timeout=seconds)
            task, since = self._running.pop(future)
            if future.status in ("cancelled", "lost"):
                raise ConnectionError(future.status)
            died = future.exception() if future.status == "error" else None
            row: Row | None = None if died else pickle.loads(future.result())
        except queue.Empty:
            return None
        except Exception as error:  # Those of a run are in its row.
            problem = f"the cluster does not answer any more ({type(error).__name__}); the same call again goes on"
            raise InputError(problem, source=self._address) from None
        if row is not None:
            return row
        return without_plan(task, "failed", _told(died), time.perf_counter() - since)

    def running(self) -> list[tuple[Asked, float]]:
        """What the cluster has now, and for how many seconds."""
        now = time.perf_counter()
        return [(task.asked, now - since) for task, since in self._running.values()]

    @property
    def hands(self) -> int:
        """How many runs it takes at a time."""
        return max(sum(self._client.nthreads().values()), 1)

    def _hand_out(self) -> None:
        """Give the cluster more to do, not all at once: every run comes with its instance."""
        room = AHEAD * self.hands if self._tasks else 0
        while self._tasks and len(self._running) < room:
            task = self._tasks.popleft()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Dask does not like large instances; there is no better way.
                future = self._client.submit(_settle, pickle.dumps(task), self._study, pure=False)
            self._running[future] = (task, time.perf_counter())
            future.add_done_callback(self._ended.put)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """What Dask prints of a lost cluster, at length, is said by an error."""
    log = logging.getLogger("distributed.client")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


_stops: dict[str, threading.Event] = {}
"""Of this Dask worker: what ends the runs of a study."""


def _settle(content: bytes, study: str) -> bytes:
    """On a Dask worker: the row of a task."""
    stop = _stops.setdefault(study, threading.Event())
    return pickle.dumps(settle(pickle.loads(content), stop))


def _stop(study: str) -> None:
    """On a Dask worker: end what runs for a study."""
    _stops.pop(study, threading.Event()).set()


def _version() -> str:
    return installed()["partload"]


def _told(error: BaseException | None) -> str:
    if type(error).__name__ == "KilledWorker":
        return "the workers of the cluster that ran it died, one after the other"
    return f"on the cluster: {type(error).__name__}: {error}"
