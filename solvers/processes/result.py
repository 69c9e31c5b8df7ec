"""How work in a child process ended."""

from __future__ import annotations

import dataclasses
import traceback
from typing import Any, Literal

Ending = Literal["returned", "raised", "time-limit", "stopped", "memory", "died"]


@dataclasses.dataclass(frozen=True)
class Failure:
    """An exception that was raised in the child."""

    kind: str
    """Name of its type."""
    message: str
    place: str
    """``file:line`` where it was raised."""
    traceback: str
    """As Python prints it."""
    error: BaseException | None
    """The exception itself; None when it cannot be pickled."""

    def __str__(self) -> str:
        return f"failed with {self.kind}: {self.message} ({self.place})"


@dataclasses.dataclass(frozen=True)
class Result:
    """How a call ended, and what came of it."""

    ended: Ending
    seconds: float
    """From when the child began with it."""
    reason: str = ""
    """Why nothing was returned, in words; empty when something was."""
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
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, SyntaxError):
        place = f"{error.filename}:{error.lineno}"
    else:
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "nowhere"
    text = "".join(traceback.format_exception(error))
    return Failure(type(error).__name__, message, place, text, _portable(error))


def _portable(error: BaseException) -> BaseException | None:
    import cloudpickle

    try:
        copy: BaseException = cloudpickle.loads(cloudpickle.dumps(error))
    except Exception:
        return None
    return copy
