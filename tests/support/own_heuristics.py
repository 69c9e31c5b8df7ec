"""Heuristics as users write them, good and bad; what they leave behind goes into the folder of ``MARKS``."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from partload.instances.partial_loading.plan import Slot


def nobody(instance):
    return []


def the_first(instance):
    request = instance.requests[0]
    return [Slot(request.model, (request.id,))]


def twice(instance):
    return the_first(instance) * 2


def fails(instance):
    print("thinking")
    raise ValueError("out of ideas\nreally")


def leaves(instance):
    sys.exit("enough")


def cannot_be_said(instance):
    raise ValueError("half a character \ud800")


def crashes(instance):
    print("last words", file=sys.stderr, flush=True)
    os._exit(3)


def talks(instance):
    print("not a row")
    os.write(1, b"nor is this")
    return []


def never(instance):
    while True:
        time.sleep(0.01)


def better_and_better(instance):
    """Two plans, and then it thinks for ever."""
    yield []
    yield the_first(instance)
    never(instance)


def grows(instance):
    held = []
    while True:
        held.append(os.urandom(1000) * 10_000)


def segfaults(instance):
    ctypes.string_at(0)


def slow(instance):
    """Leaves the id of its process."""
    (_marks() / f"process-{os.getpid()}").touch()
    time.sleep(0.1)
    return []


def marks_and_loops(instance):
    """Leaves the id of its process, once it has a plan."""
    yield the_first(instance)
    (_marks() / f"process-{os.getpid()}").touch()
    never(instance)


def killed_once(instance):
    """As by ``kill -9``, the first time."""
    if _first_time():
        os.kill(os.getpid(), signal.SIGKILL)
    return []


def kills_its_parent_once(instance):
    """As a machine of a cluster that is switched off, the first time."""
    if _first_time():
        run = os.getppid()
        worker = subprocess.run(["ps", "-o", "ppid=", "-p", str(run)], capture_output=True, text=True, check=True)
        os.kill(int(worker.stdout), signal.SIGKILL)
        time.sleep(60)
    return []


def _first_time() -> bool:
    try:
        (_marks() / "once").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _marks() -> Path:
    return Path(os.environ["MARKS"])
