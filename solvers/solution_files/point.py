"""The point that a solution file holds, and the lines from which it is read."""

from __future__ import annotations

import dataclasses
import math

from partload.instances.errors import InputError


@dataclasses.dataclass(frozen=True)
class Value:
    """The value of a variable, and the line of the file on which it stands."""

    value: float
    line: int


@dataclasses.dataclass
class Point:
    """What a solution file says."""

    program: str | None
    """The solver whose format it is; None where several write it."""
    values: dict[str, Value] = dataclasses.field(default_factory=dict)
    """By the name of the variable."""
    objective: float | None = None
    status: str | None = None
    """In the words of the solver."""
    complete: bool = False
    """Whether the file lists variables at 0 too."""

    def add(self, line: int, name: str, text: str) -> None:
        """Add the value of a variable; raises InputError when it is no number, or there already."""
        if name in self.values:
            first = self.values[name].line
            raise InputError(f"expected each variable once, {name!r} is on line {first} too", f"line {line}")
        self.values[name] = Value(number(line, text, f"the value of variable {name!r}"), line)


def number(line: int, text: str, what: str) -> float:
    """The number that a text is; raises InputError on any other text."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"expected a number, {what}, got {text!r}", f"line {line}")
    return value


def no_point(status: str | None) -> InputError:
    """The error for a file without a point."""
    stated = f"; it states {status!r}" if status else ""
    return InputError(f"expected the values of variables, this file has none{stated}")
