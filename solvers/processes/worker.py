"""A worker process as its parent sees it: it runs one task at a time."""

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

from partload.solvers.processes.message_framing import Message, MessageKind, read_message, write_message
from partload.solvers.processes.nesting import depth
from partload.solvers.processes.result import LIBRARY_FOLDERS

EXIT_WAIT_S = 1.0
"""Seconds to wait for a process to end after its pipes have closed."""
MOST_PRINTED_BYTES = 50_000_000
"""Size of the output file at which it is truncated."""
OUTPUT_END_BYTES = 20_000
"""Bytes of the end of the output that a result contains."""
_START = (
    "import json, sys; path, depth, pipe = sys.argv[1:]; sys.path[:] = json.loads(path); del sys.argv[1:]; "
    f"from {__package__}.worker_main import main; main(int(depth), int(pipe))"
)
_CRASH = re.compile(r"^Current thread .*\n((?:  File .*\n)+)", re.MULTILINE)
"""The stack that Python prints when it crashes, the last call first."""
_CALL = re.compile(r"  File \"(.+)\", line (\d+)")


class Worker:
    """A worker process in a session of its own, so that Ctrl-C in the terminal does not reach it.

    ``subprocess`` starts it with the module search path of this process. ``multiprocessing`` would import the caller's
    ``__main__`` again, and a fork is unsafe beside threads.
    """

    def __init__(self) -> None:
        self.path = list(sys.path)
        self.folder = current_folder()
        self._exchange: threading.Thread | None = None
        self._reaped = False
        self.reusable = False
        """Whether the worker can run another task."""
        self._printed = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed with the process
        inherited, held = _open_parent_pipe()
        self._parent_pipe: BinaryIO | None = held
        number = "-1" if inherited is None else str(inherited.fileno())
        path = json.dumps([str(folder) for folder in self.path])
        self._popen = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, path, str(depth() + 1), number],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._printed,
            start_new_session=True,
            pass_fds=() if inherited is None else (inherited.fileno(),),
        )
        if inherited is not None:
            inherited.close()
        self._tasks = cast(BinaryIO, self._popen.stdin)
        self._answers = cast(BinaryIO, self._popen.stdout)

    @property
    def id(self) -> int:
        """Process id."""
        return self._popen.pid

    def is_usable(self) -> bool:
        """Whether the process runs, with the module search path and the folder that this process has now."""
        return self._popen.poll() is None and self.path == sys.path and self.folder == current_folder()

    def submit(self, task: bytes) -> queue.SimpleQueue[Message | None]:
        """Send a task; the queue receives the answers as they come, and None when the process is gone."""
        answers: queue.SimpleQueue[Message | None] = queue.SimpleQueue()

        def exchange() -> None:
            with contextlib.suppress(OSError, ValueError):
                write_message(self._tasks, MessageKind.TASK, task)
                while (message := read_message(self._answers)) is not None:
                    answers.put(message)
                    if message.kind in (MessageKind.RETURNED, MessageKind.RAISED):
                        return
            answers.put(None)

        self._rewind()
        self._exchange = threading.Thread(target=exchange, daemon=True)
        self._exchange.start()
        return answers

    def kill(self) -> None:
        """End the process, and all processes that its task has started, at once."""
        if self._reaped:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._popen.pid, signal.SIGKILL)
            else:
                self._popen.kill()
        self._popen.wait()
        self._reaped = True

    def close(self) -> None:
        """End the process and close its pipes."""
        self.kill()
        if self._exchange is not None:
            self._exchange.join(EXIT_WAIT_S)
        for stream in (self._tasks, self._answers, self._printed, self._parent_pipe):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()

    def describe_exit(self) -> str:
        """Exit status or signal of a process that is gone, with the place of a crash or its last line of output."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(EXIT_WAIT_S)  # The pipes close a moment before the process ends.
        self.kill()
        status = self._popen.returncode
        how = f"exit status {status}" if status >= 0 else f"signal {_signal_name(-status)}"
        output = self.printed()
        crash = _CRASH.search(output)
        if crash:
            calls = _CALL.findall(crash[1])
            users = [call for call in calls if not call[0].startswith(LIBRARY_FOLDERS)]
            return f"{how} ({':'.join((users or calls)[0])})"
        lines = output.partition("Fatal Python error")[0].strip().splitlines()
        return f"{how}: {lines[-1]}" if lines else how

    def printed(self) -> str:
        """The end of its standard output and error; it must not write now, since both sides share the file position."""
        end = self._printed.seek(0, os.SEEK_END)
        self._printed.seek(max(end - OUTPUT_END_BYTES, 0))
        return self._printed.read().decode("utf-8", "replace")

    def limit_output(self) -> None:
        """Truncate the output file when it is too large."""
        if os.fstat(self._printed.fileno()).st_size > MOST_PRINTED_BYTES:
            self._rewind()

    def _rewind(self) -> None:
        self._printed.seek(0)  # The worker writes at the same position.
        self._printed.truncate()


def current_folder() -> str:
    """The working directory; empty when it no longer exists."""
    try:
        return os.getcwd()  # noqa: PTH109
    except OSError:
        return ""


def _open_parent_pipe() -> tuple[BinaryIO, BinaryIO] | tuple[None, None]:
    """Both ends of a pipe that closes when this process ends, so that the kernel signals the worker.

    None where the kernel cannot send such a signal.
    """
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
