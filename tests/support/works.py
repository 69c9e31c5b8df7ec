"""What is done in child processes by tests: well and badly."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from partload.solvers import processes


def lives(number: int) -> bool:
    """Whether a process still does something; one that nobody has buried yet does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(number)], capture_output=True, text=True, check=False)
    return state.stdout.strip()[:1] not in ("", "Z")


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "waited for a minute"
        time.sleep(0.02)


def same(send, value):
    return value


def number(send):
    """Of the process, and of the one that started it."""
    return os.getpid(), os.getppid()


def segfault(send):
    os.kill(os.getpid(), signal.SIGSEGV)


def null_pointer(send):
    ctypes.string_at(0)


def leave(send):
    print("last words", file=sys.stderr, flush=True)
    os._exit(3)


def exits(send):
    sys.exit("enough")


def fails(send):
    raise ValueError("out of ideas")


def fails_in_a_library(send):
    json.loads("{")


class OfTwoPartsError(Exception):
    """One that cannot be pickled and read again."""

    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def fails_in_two_parts(send):
    raise OfTwoPartsError(1, 2)


def loop(send, *arguments):
    send("looping")
    while True:
        pass


def c_loop(send, mark=None):
    """Never gives Python's lock away: no other thread of the process runs any more."""
    if mark is not None:
        Path(mark).write_text(str(os.getpid()))
    send("looping")
    ctypes.pythonapi.sleep(1000)


def allocate(send, size_bytes):
    return len(b"a" * size_bytes)


def grow(send, *arguments):
    held = []
    while True:
        held.append(bytearray(os.urandom(1000)) * 10_000)


def started_grows(send):
    """Of what it starts."""
    subprocess.run([sys.executable, "-c", "held = bytearray(400_000_000); import time; time.sleep(60)"], check=True)


def big(send, size_bytes):
    send(b"m" * size_bytes)
    return b"v" * size_bytes


def many(send, threads, each):
    def tell(thread):
        for count in range(each):
            send((thread, count, "x" * 1000))

    started = [threading.Thread(target=tell, args=(thread,)) for thread in range(threads)]
    for one in started:
        one.start()
    for one in started:
        one.join()


def talks(send):
    print("by print")
    os.write(1, b"by the system\n")
    ctypes.CDLL(None).puts(b"by C")
    ctypes.CDLL(None).fflush(None)


def chatters(send):
    while True:
        os.write(1, b"x" * 1_000_000)


def leaves_a_thread(send):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    return os.getpid()


def unpicklable(send):
    return threading.Lock()


def is_inside(send):
    return processes.inside_worker()


def nested(send, mark):
    """A child of the child, of which no thread runs."""
    return processes.call(c_loop, mark)


def nested_grows(send):
    return processes.call(grow)


def starts_another(send, mark):
    """A program that lives on."""
    started = subprocess.Popen(["sleep", "1000"])
    Path(mark).write_text(str(started.pid))
    send("started")
    time.sleep(60)


def leaves_a_process(send, mark):
    Path(mark).write_text(str(subprocess.Popen(["sleep", "1000"]).pid))


def goes_to(send, folder):
    before = str(Path.cwd()), list(sys.path)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    return before


def calls_another(send):
    return processes.call(same, 1)


def holds(send, size_bytes):
    _held.append(b"a" * size_bytes)


_held: list[bytes] = []


def environment(send, name):
    return os.environ.get(name)


def calls_itself(send):
    result = processes.call(calls_itself)
    return result.reason or result.value
