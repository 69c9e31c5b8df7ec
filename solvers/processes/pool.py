"""Children that wait for the next task: they block on their pipe, and end with this process."""

from __future__ import annotations

import atexit
import os
import threading

from partload.solvers.processes.process import Process

MOST_IDLE = 2
_idle: list[Process] = []
_lock = threading.Lock()


def take() -> Process | None:
    """A child that waits and fits, None when there is none."""
    with _lock:
        while _idle:
            process = _idle.pop()
            if process.fits():
                return process
            process.close()
    return None


def put(process: Process) -> None:
    """Let a child wait, unless enough do."""
    with _lock:
        _idle.append(process)
        spare = _idle.pop(0) if len(_idle) > MOST_IDLE else None
    if spare is not None:
        spare.close()


def waiting() -> set[int]:
    """Numbers of the children that wait."""
    with _lock:
        return {process.id for process in _idle}


def clear() -> None:
    """End those that wait."""
    with _lock:
        while _idle:
            _idle.pop().close()


def _forget() -> None:
    """After a fork: the children are those of the parent."""
    global _lock
    _lock = threading.Lock()
    _idle.clear()


atexit.register(clear)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
