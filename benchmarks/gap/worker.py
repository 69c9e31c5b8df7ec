"""A worker process: takes a task on standard input, runs it, gives the row back; ends when nobody gives any more.

The pipe of the answers is its own. What the methods print goes to standard error, which the parent reads when the
process dies.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import threading
from typing import BinaryIO

from benchmarks.gap.frames import receive, send
from benchmarks.gap.running import run


def main() -> None:
    """Work until the parent is gone."""
    tasks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process.
    received: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(tasks, received), daemon=True).start()
    send(answers, pickle.dumps(os.getpid()))
    while True:
        send(answers, pickle.dumps(run(pickle.loads(received.get()))))


def _listen(tasks: BinaryIO, received: queue.SimpleQueue[bytes]) -> None:
    """Pass tasks on; without a parent end at once, in the middle of a run too, with all that the run has started."""
    while (task := receive(tasks)) is not None:
        received.put(task)
    if hasattr(os, "killpg"):
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)
