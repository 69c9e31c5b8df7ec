"""Options that a person gives by name, checked by a record with a field for each."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

from pydantic import ValidationError

from partload.instances.errors import InputError, item_path
from partload.instances.serialisation import adapter

RecordT = TypeVar("RecordT")


def checked(record: type[RecordT], options: Mapping[str, object], owner: str) -> RecordT:
    """The record that some options make; missing ones take their defaults.

    Parameters
    ----------
    record
        A pydantic dataclass.
    options
        Fields of the record.
    owner
        What has these options, for messages.

    Raises
    ------
    InputError
        On an unknown option, listing the known ones, and on a value that an option does not allow.
    """
    allowed: Iterable[str] = vars(record)["__dataclass_fields__"]
    for name in options:
        if name not in allowed:
            near = difflib.get_close_matches(name, allowed, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise InputError(f"unknown option, {hint}{owner} has {', '.join(allowed)}", name)
    try:
        chosen = adapter(record).validate_python(dict(options))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        wanted = first["msg"].replace("Input should be less than or equal to", "expected at most")
        wanted = wanted.replace("Input should be", "expected").replace("valid integer", "whole number")
        raise InputError(
            f"{wanted[:1].lower()}{wanted[1:]}, got {first['input']!r}", item_path(*first["loc"])
        ) from None
    assert isinstance(chosen, record)
    return chosen


def flag(name: str) -> str:
    """An option as it is typed: ``--load-rate`` for ``load_rate``."""
    return "--" + name.replace("_", "-")


def flags(names: Iterable[str]) -> str:
    """Some options as they are typed, in a sentence: ``--bits, --efficiency and --deadline``."""
    *first, last = map(flag, names)
    return f"{', '.join(first)} and {last}" if first else last
