"""The side of the parent: a child process that does one task at a time."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
from typing import BinaryIO, cast

from partload.solvers.processes.frames import Frame, Kind, receive, send
from partload.solvers.processes.nesting import depth
from partload.solvers.processes.result import INSTALLED

DYING_S = 1.0
"""Seconds that a process has from closing its pipes to its end."""
MOST_PRINTED_BYTES = 50_000_000
"""Of what a child prints so much is kept at most; the file then begins anew."""
END_BYTES = 20_000
"""Of what a child printed so much is told."""
_START = (
    "import json, sys; path, depth, life = sys.argv[1:]; sys.path[:] = json.loads(path); del sys.argv[1:]; "
    f"from {__package__}.child import main; main(int(depth), int(life))"
)
_CRASH = re.compile(r"^Current thread .*\n((?:  File .*\n)+)", re.MULTILINE)
"""The stack that Python writes when it crashes, the last call first."""
_CALL = re.compile(r"  File \"(.+)\", line (\d+)")


class Process:
    """A child in a session of its own, which Ctrl-C in the terminal does not reach.

    ``subprocess`` starts it, with the module search path of this process: ``multiprocessing`` would import the
    caller's ``__main__`` again, and a fork is unsafe beside threads.
    """

    def __init__(self) -> None:
        self.path = list(sys.path)
        self.folder = current_folder()
        self._courier: threading.Thread | None = None
        self._buried = False
        self.reusable = False
        """Whether it can be given another task."""
        self._printed = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed with the process
        life, held = _life_line()
        self._life: BinaryIO | None = held
        number = "-1" if life is None else str(life.fileno())
        path = json.dumps([str(folder) for folder in self.path])
        self._popen = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, path, str(depth() + 1), number],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._printed,
            start_new_session=True,
            pass_fds=() if life is None else (life.fileno(),),
        )
        if life is not None:
            life.close()
        self._tasks = cast(BinaryIO, self._popen.stdin)
        self._answers = cast(BinaryIO, self._popen.stdout)

    @property
    def id(self) -> int:
        """Number of the process."""
        return self._popen.pid

    def fits(self) -> bool:
        """Whether it lives, and looks for modules and files where this process does now."""
        return self._popen.poll() is None and self.path == sys.path and self.folder == current_folder()

    def give(self, task: bytes) -> queue.SimpleQueue[Frame | None]:
        """Give it a task; its answers as they come, None when it is gone."""
        answers: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()

        def carry() -> None:
            with contextlib.suppress(OSError, ValueError):
                send(self._tasks, Kind.TASK, task)
                while (frame := receive(self._answers)) is not None:
                    answers.put(frame)
                    if frame.kind in (Kind.RETURNED, Kind.RAISED):
                        return
            answers.put(None)

        self._rewind()
        self._courier = threading.Thread(target=carry, daemon=True)
        self._courier.start()
        return answers

    def kill(self) -> None:
        """End it, and what its task has started, at once."""
        if self._buried:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._popen.pid, signal.SIGKILL)
            else:
                self._popen.kill()
        self._popen.wait()
        self._buried = True

    def close(self) -> None:
        """End it and let go of its pipes."""
        self.kill()
        if self._courier is not None:
            self._courier.join(DYING_S)
        for stream in (self._tasks, self._answers, self._printed, self._life):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()

    def epitaph(self) -> str:
        """How it died, and its last words."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(DYING_S)  # Its pipes close a moment before it ends.
        self.kill()
        status = self._popen.returncode
        how = f"exit status {status}" if status >= 0 else f"signal {_signal_name(-status)}"
        words = self.printed()
        crash = _CRASH.search(words)
        if crash:
            calls = _CALL.findall(crash[1])
            users = [call for call in calls if not call[0].startswith(INSTALLED)]
            return f"{how} ({':'.join((users or calls)[0])})"
        lines = words.partition("Fatal Python error")[0].strip().splitlines()
        return f"{how}: {lines[-1]}" if lines else how

    def printed(self) -> str:
        """The end of what it wrote to its standard output and error. It must not write now: place and file are one."""
        end = self._printed.seek(0, os.SEEK_END)
        self._printed.seek(max(end - END_BYTES, 0))
        return self._printed.read().decode("utf-8", "replace")

    def forget_much(self) -> None:
        """Begin its file anew when it has printed too much."""
        if os.fstat(self._printed.fileno()).st_size > MOST_PRINTED_BYTES:
            self._rewind()

    def _rewind(self) -> None:
        self._printed.seek(0)  # The child writes at the same place.
        self._printed.truncate()


def current_folder() -> str:
    """The working directory; empty when there is none any more."""
    try:
        return os.getcwd()  # noqa: PTH109
    except OSError:
        return ""


def _life_line() -> tuple[BinaryIO, BinaryIO] | tuple[None, None]:
    """Both ends of a pipe whose closing the kernel can answer by a signal; None where it cannot."""
    try:
        import fcntl
    except ImportError:
        return None, None
    if not hasattr(fcntl, "F_SETSIG"):
        return None, None
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb", 0), os.fdopen(writing, "wb", 0)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
