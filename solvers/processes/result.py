"""How a task in a worker process ended."""

from __future__ import annotations

import dataclasses
import sysconfig
import traceback
from types import FrameType
from typing import Any, Literal

import cloudpickle

PACKAGE = "partload"
"""This package, which every worker has installed."""
LIBRARY_FOLDERS = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
"""Folders of the standard library and of installed packages."""
Ending = Literal["returned", "raised", "time-limit", "stopped", "memory", "died"]


@dataclasses.dataclass(frozen=True)
class Failure:
    """An exception that a task has raised."""

    kind: str
    """Name of its type."""
    message: str
    place: str
    """``file:line`` of the last call outside of installed libraries and of this package, where there is one."""
    traceback: str
    """As Python prints it."""
    error: BaseException | None
    """The exception itself; None when it cannot be pickled."""

    def __str__(self) -> str:
        return f"failed with {self.kind}: {self.message.partition(chr(10))[0]} ({self.place})"


@dataclasses.dataclass(frozen=True)
class Result:
    """How a task ended, and its value or failure."""

    ended: Ending
    seconds: float
    """Seconds since the worker began with the task."""
    reason: str = ""
    """Why the task has no value, as a verb phrase: ``did not end within 3 s``; empty when it has one."""
    value: Any = None
    """What the task returned."""
    failure: Failure | None = None
    """What the task raised."""
    printed: str = ""
    """The end of what the worker wrote to its standard output and error."""
    peak_bytes: int | None = None
    """Peak resident memory of the worker and its descendants; None where it is unknown."""


def failure_of(error: BaseException) -> Failure:
    """An exception in a form that another process can unpickle."""
    try:
        message = str(error)
    except Exception:
        message = "(no message)"
    text = "".join(traceback.format_exception(error))
    return Failure(type(error).__name__, message, _place(error), text, _portable(error))


def _place(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}"
    calls = list(traceback.walk_tb(error.__traceback__))
    users = [(frame, line) for frame, line in calls if not _is_library(frame)]
    if not calls:
        return "nowhere"
    frame, line = (users or calls)[-1]
    return f"{frame.f_code.co_filename}:{line}"


def _is_library(frame: FrameType) -> bool:
    file = frame.f_code.co_filename
    package = str(frame.f_globals.get("__name__")).partition(".")[0]
    return package == PACKAGE or file.startswith((*LIBRARY_FOLDERS, "<frozen"))


def _portable(error: BaseException) -> BaseException | None:
    try:
        copy: BaseException = cloudpickle.loads(cloudpickle.dumps(error))
    except Exception:
        return None
    return copy
