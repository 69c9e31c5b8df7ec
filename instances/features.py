"""What an instance asks for, and what a method can do: both are sets of features, and neither is guessed.

A feature is a value on an axis, such as ``uplink 'static'``. The features of an instance are derived from it. A method
or a formulation *supports* the values that it names, and nothing else: a value that nobody has thought of is refused by
everything until somebody adds it where it belongs. Listings are generated from what is supported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple, TypeVar

from partload.instances.errors import InputError

Entry = TypeVar("Entry")


class Feature(NamedTuple):
    """A value on an axis."""

    axis: str
    value: str

    def __str__(self) -> str:
        return f"{self.axis} {self.value!r}"


Support = Mapping[str, Collection[str]]
"""The values supported on each axis; an axis that is not there is not supported at all."""


def unsupported(asked: Iterable[Feature], support: Support) -> list[str]:
    """The features asked for that are not supported, as text."""
    return [str(feature) for feature in sorted(asked) if feature.value not in support.get(feature.axis, ())]


def described(support: Support, known: Support) -> str:
    """What is supported, in one line: ``everything``, or the axes on which something is not."""
    limited = [axis for axis, values in known.items() if not set(values) <= set(support.get(axis, ()))]
    return "; ".join(f"{axis} {', '.join(support.get(axis, ())) or '-'}" for axis in limited) or "everything"


def by_feature(table: Mapping[str, Entry], axis: str, value: str) -> Entry:
    """What a table has for a value.

    Raises
    ------
    InputError
        When it has nothing: the value is not supported there.
    """
    if value not in table:
        raise InputError(f"expected {axis} {', '.join(table)}, got {value!r}", source=axis)
    return table[value]
