"""The main loop of a worker: receive a task, run it, answer, wait for the next one; end when the parent ends."""

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

from partload.solvers.processes import memory, worker_pool
from partload.solvers.processes.message_framing import Message, MessageKind, read_message, write_message
from partload.solvers.processes.nesting import set_depth
from partload.solvers.processes.result import LIBRARY_FOLDERS, Failure, failure_of
from partload.solvers.processes.worker import current_folder

MOST_IDLE_BYTES = 400_000_000
"""A worker that holds more after a task does not go back into the pool."""


def main(depth: int, parent_pipe: int) -> None:
    """Run tasks until the parent is gone.

    Parameters
    ----------
    depth
        The number of calls that this process is inside of.
    parent_pipe
        File descriptor of a pipe whose other end only the parent holds open; -1 where there is none.
    """
    set_depth(depth)
    tasks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)  # All output goes to the file that is the standard error of this process.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The parent handles Ctrl-C and ends this process.
    faulthandler.enable()
    if parent_pipe >= 0:
        _end_with_parent(parent_pipe)
    received: queue.SimpleQueue[Message] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(tasks, received), daemon=True).start()
    _serve(received, answers)


def _end_with_parent(parent_pipe: int) -> None:
    """Have the kernel kill this process and its group when the parent is gone, even if Python is stuck in C code."""
    import fcntl

    os.set_inheritable(parent_pipe, False)
    with contextlib.suppress(OSError):
        fcntl.fcntl(parent_pipe, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(parent_pipe, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(parent_pipe, fcntl.F_SETFL, fcntl.fcntl(parent_pipe, fcntl.F_GETFL) | os.O_ASYNC)


def _listen(tasks: BinaryIO, received: queue.SimpleQueue[Message]) -> None:
    """Queue tasks; end at once without a parent, even during a task, with all processes that it has started."""
    while (task := read_message(tasks)) is not None:
        received.put(task)
    if hasattr(os, "killpg"):
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def _serve(received: queue.SimpleQueue[Message], answers: BinaryIO) -> None:
    """Run one task after the other, until an imported file has changed."""
    writing = threading.Lock()
    threads = threading.active_count()
    folder, path = current_folder(), list(sys.path)

    def answer(kind: MessageKind, content: bytes = b"") -> None:
        with writing:
            write_message(answers, kind, content)

    sources: Mapping[str, int] = {}
    while True:
        content = received.get().content
        if any(_changed_ns(path) != changed for path, changed in sources.items()):
            answer(MessageKind.OUTDATED)
            os._exit(0)
        with contextlib.suppress(OSError):
            os.chdir(folder)  # A task may have changed the folder.
        sys.path[:] = path
        memory.reset_peak()
        answer(MessageKind.STARTED)
        kind, outcome = _run(content, lambda message: answer(MessageKind.SENT, cloudpickle.dumps(message)))
        reusable = threading.active_count() <= threads and _is_clean()
        if reusable:
            sources = _sources()
        sys.stdout.flush()
        answer(kind, cloudpickle.dumps((outcome, memory.own_peak(), reusable)))
        del content, outcome


def _is_clean() -> bool:
    """Whether a task has ended all processes that it started, idle workers aside, and has freed its memory."""
    held = memory.own_resident()
    started = set(memory.children(os.getpid())) - worker_pool.idle_ids()
    return not started and (held is None or held <= MOST_IDLE_BYTES)


def _run(content: bytes, send: Callable[[object], None]) -> tuple[MessageKind, bytes | Failure]:
    """Run a task; return its pickled value, or its failure."""
    try:
        environment, work, arguments, memory_bytes = cloudpickle.loads(content)
        os.environ.clear()
        os.environ.update(environment)
        with memory.limit_address_space(memory_bytes):
            value = _resolve(work)(send, *arguments)
            return MessageKind.RETURNED, cloudpickle.dumps(value)
    except BaseException as error:  # The parent waits for an answer, whatever is raised.
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next  # Without the call in this file.
        return MessageKind.RAISED, failure_of(error)


def _resolve(work: Callable[..., Any] | str) -> Callable[..., Any]:
    if not isinstance(work, str):
        return work
    module, _, name = work.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def _sources() -> dict[str, int]:
    """Files of the imported modules, except installed ones, and when they were changed."""
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return {file: _changed_ns(file) for file in files if isinstance(file, str) and not file.startswith(LIBRARY_FOLDERS)}


def _changed_ns(file: str) -> int:
    try:
        return Path(file).stat().st_mtime_ns
    except OSError:
        return 0
