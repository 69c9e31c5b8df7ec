"""The side of the child: take a task, do it, answer, and wait for the next one; end when the parent does."""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import cloudpickle

from partload.solvers.processes import memory, pool
from partload.solvers.processes.frames import Frame, Kind, receive, send
from partload.solvers.processes.nesting import enter
from partload.solvers.processes.process import current_folder
from partload.solvers.processes.result import INSTALLED, failure_of

KEPT_BYTES = 400_000_000
"""A child that holds more after a task does not wait for another one."""


def main(depth: int, life: int) -> None:
    """Work until the parent is gone.

    Parameters
    ----------
    depth
        How many calls this process is in.
    life
        File descriptor of a pipe that the parent alone holds open; -1 where there is none.
    """
    enter(depth)
    tasks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)  # Whatever prints, prints to the file that is our standard error.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process.
    faulthandler.enable()
    if life >= 0:
        _end_with(life)
    received: queue.SimpleQueue[Frame] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(tasks, received), daemon=True).start()
    _serve(received, answers)


def _end_with(life: int) -> None:
    """Have the kernel kill this process and its group when the parent is gone, even if Python is stuck in C code."""
    import fcntl

    os.set_inheritable(life, False)
    with contextlib.suppress(OSError):
        fcntl.fcntl(life, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(life, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)


def _listen(tasks: BinaryIO, received: queue.SimpleQueue[Frame]) -> None:
    """Pass tasks on; without a parent end at once, in the middle of a task too, with all that it has started."""
    while (task := receive(tasks)) is not None:
        received.put(task)
    if hasattr(os, "killpg"):
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def _serve(received: queue.SimpleQueue[Frame], answers: BinaryIO) -> None:
    """Do one task after the other, until a file that was imported has changed."""
    one_at_a_time = threading.Lock()
    threads = threading.active_count()
    folder, path = current_folder(), list(sys.path)

    def answer(kind: Kind, content: bytes = b"") -> None:
        with one_at_a_time:
            send(answers, kind, content)

    sources: Mapping[str, int] = {}
    while True:
        content = received.get().content
        if any(_changed(path) != changed for path, changed in sources.items()):
            answer(Kind.OUTDATED)
            os._exit(0)
        with contextlib.suppress(OSError):
            os.chdir(folder)  # A task may have gone elsewhere.
        sys.path[:] = path
        memory.forget_peak()
        answer(Kind.TAKEN)
        kind, outcome = _done(content, lambda message: answer(Kind.MESSAGE, cloudpickle.dumps(message)))
        reusable = threading.active_count() <= threads and _leaves_nothing()
        if reusable:
            sources = _sources()
        sys.stdout.flush()
        answer(kind, cloudpickle.dumps((outcome, memory.own_peak(), reusable)))
        del content, outcome


def _leaves_nothing() -> bool:
    """Whether a task has ended the processes that it started, those aside that wait for calls, and let go of memory."""
    held = memory.own_resident()
    started = set(memory.children(os.getpid())) - pool.waiting()
    return not started and (held is None or held <= KEPT_BYTES)


def _done(content: bytes, send_message: Callable[[Any], None]) -> tuple[Kind, Any]:
    """Do a task: what it returned, pickled, or the failure."""
    try:
        environment, work, arguments, memory_bytes = cloudpickle.loads(content)
        os.environ.clear()
        os.environ.update(environment)
        with memory.limited(memory_bytes):
            value = _resolved(work)(send_message, *arguments)
            return Kind.RETURNED, cloudpickle.dumps(value)
    except BaseException as error:  # Whatever it is, the parent waits for it.
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next  # Ours is not the first frame.
        return Kind.RAISED, failure_of(error)


def _resolved(work: Callable[..., Any] | str) -> Callable[..., Any]:
    if not isinstance(work, str):
        return work
    module, _, name = work.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def _sources() -> dict[str, int]:
    """Files of the modules that are imported now, but for installed ones, and when they were changed."""
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return {file: _changed(file) for file in files if isinstance(file, str) and not file.startswith(INSTALLED)}


def _changed(file: str) -> int:
    try:
        return Path(file).stat().st_mtime_ns
    except OSError:
        return 0
