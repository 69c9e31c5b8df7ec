"""The pool of idle workers: each waits for the next task, blocked on its pipe, and ends with this process."""

from __future__ import annotations

import atexit
import os
import threading

from partload.solvers.processes.worker import Worker

MOST_IDLE = 2
"""Workers in the pool at most."""
_idle: list[Worker] = []
_lock = threading.Lock()


def acquire() -> Worker | None:
    """Take a usable worker out of the pool; None when there is none."""
    with _lock:
        while _idle:
            worker = _idle.pop()
            if worker.is_usable():
                return worker
            worker.close()
    return None


def release(worker: Worker) -> None:
    """Put a worker into the pool; end the oldest one when the pool is full."""
    with _lock:
        _idle.append(worker)
        surplus = _idle.pop(0) if len(_idle) > MOST_IDLE else None
    if surplus is not None:
        surplus.close()


def idle_ids() -> set[int]:
    """Process ids of the idle workers."""
    with _lock:
        return {worker.id for worker in _idle}


def close_all() -> None:
    """End all idle workers."""
    with _lock:
        while _idle:
            _idle.pop().close()


def _disown() -> None:
    """Empty the pool after a fork: its workers belong to the parent."""
    global _lock
    _lock = threading.Lock()
    _idle.clear()


atexit.register(close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown)
