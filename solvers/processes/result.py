"""How work in a child process ended."""

from __future__ import annotations

import dataclasses
import sysconfig
import traceback
from types import FrameType
from typing import Any, Literal

import cloudpickle

OURS = "partload"
"""The package that every worker has, and of which there must be but one."""
INSTALLED = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
"""Folders of libraries."""
Ending = Literal["returned", "raised", "time-limit", "stopped", "memory", "died"]


@dataclasses.dataclass(frozen=True)
class Failure:
    """An exception that was raised in the child."""

    kind: str
    """Name of its type."""
    message: str
    place: str
    """``file:line`` of the last call that is neither of an installed library nor of ours, where there is one."""
    traceback: str
    """As Python prints it."""
    error: BaseException | None
    """The exception itself; None when it cannot be pickled."""

    def __str__(self) -> str:
        return f"failed with {self.kind}: {self.message.partition(chr(10))[0]} ({self.place})"


@dataclasses.dataclass(frozen=True)
class Result:
    """How a call ended, and what came of it."""

    ended: Ending
    seconds: float
    """From when the child began with it."""
    reason: str = ""
    """Why nothing was returned, as what the work did: ``did not end within 3 s``; empty when something was."""
    value: Any = None
    """What was returned."""
    failure: Failure | None = None
    """What was raised."""
    printed: str = ""
    """The end of what the child wrote to its standard output and error."""
    peak_bytes: int | None = None
    """The most memory that the child, with all that it started, held; None where that cannot be known."""


def failure_of(error: BaseException) -> Failure:
    """An exception as another process can read it."""
    try:
        message = str(error)
    except Exception:
        message = "(without words)"
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
    return package == OURS or file.startswith((*INSTALLED, "<frozen"))


def _portable(error: BaseException) -> BaseException | None:
    try:
        copy: BaseException = cloudpickle.loads(cloudpickle.dumps(error))
    except Exception:
        return None
    return copy
