"""Arguments of the public functions: what is of another type is refused in one line that says what was expected.

The functions return what they were given, as the type that the rest of the project works with: numbers of numpy become
numbers of Python. A truth value is no number, and the bytes of a path are no path.
"""

from __future__ import annotations

import numbers
import os
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import TypeVar

from partload.instances.errors import InputError
from partload.instances.records import Decision

ItemT = TypeVar("ItemT")


def refused(expected: str, got: object, name: str, error: type[InputError] = InputError) -> InputError:
    """The error that an argument of a wrong type is answered with."""
    return error(f"expected {expected}, got a value of type {type(got).__name__}", source=name)


def path(value: object, name: str) -> Path:
    """A path, or the text of one."""
    if not isinstance(value, str | os.PathLike):
        raise refused("a path", value, name)
    found = Path(value)
    if "\0" in str(found):
        raise InputError(f"expected a path, got {str(found)!r}", source=name)
    return found


def optional_path(value: object, name: str) -> Path | None:
    """A path, the text of one, or None."""
    return None if value is None else path(value, name)


def text(value: object, expected: str, name: str) -> str:
    """A text; ``expected`` says which."""
    if not isinstance(value, str):
        raise refused(expected, value, name)
    return value


def optional_text(value: object, expected: str, name: str) -> str | None:
    """A text or None."""
    return None if value is None else text(value, expected, name)


def number(value: object, expected: str, name: str) -> float:
    """A number; ``expected`` says of what."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise refused(expected, value, name)
    return value if isinstance(value, int) else float(value)


def optional_number(value: object, expected: str, name: str) -> float | None:
    """A number or None."""
    return None if value is None else number(value, expected, name)


def whole(value: object, expected: str, name: str) -> int:
    """A whole number; ``expected`` says of what."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise refused(expected, value, name)
    return int(value)


def optional_whole(value: object, expected: str, name: str) -> int | None:
    """A whole number or None."""
    return None if value is None else whole(value, expected, name)


def time_limit(value: object) -> float | None:
    """Seconds, or None for no limit."""
    return optional_number(value, "a number of seconds above 0", "time limit")


def gap(value: object) -> float:
    """A relative gap."""
    return number(value, "a number from 0 to below 1", "gap")


def seed(value: object) -> int | None:
    """A seed, or None."""
    return optional_whole(value, "a whole number from 0 to 2147483647", "seed")


def items(value: Iterable[ItemT], expected: str, name: str) -> Sequence[ItemT]:
    """The items of a sequence. A text, whose items are letters, is none, and neither is a mapping."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise refused(expected, value, name)
    return tuple(value)


def plan(
    value: object, decision: type[Decision], name: str, error: type[InputError] = InputError
) -> tuple[Decision, ...]:
    """A plan: the decisions of a problem, one after another. The order of a set is not one of the caller's."""
    expected = f"a sequence of {decision.__name__}"
    if isinstance(value, str | bytes | Mapping | Set) or not isinstance(value, Iterable):
        raise refused(expected, value, name, error)
    decisions = tuple(value)
    for one in decisions:
        if not isinstance(one, decision):
            problem = f"expected {expected}, got a value of type {type(one).__name__} in it"
            raise error(problem, source=name)
        ids = getattr(one, "requests", ())
        if isinstance(ids, str):  # ("a") is a text, and a text is a sequence of letters.
            raise error(f"expected a tuple of ids in requests, got the text {ids!r}; ({ids!r},) is one", source=name)
    return decisions
