"""Sums of what files state, whose terms may lie at the end of all doubles."""

from __future__ import annotations

import math
from collections.abc import Iterable

from partload.instances.errors import InputError


def total(values: Iterable[float]) -> float:
    """Sum of values of one sign, rounded once; infinite beyond the largest double."""
    try:
        return math.fsum(values)
    except OverflowError:
        return math.inf


def known_sum(values: Iterable[float], kind: str, section: str) -> float:
    """Sum of values of one kind; raises InputError on a section of a document in which it is beyond all doubles."""
    found = total(values)
    if math.isinf(found):
        raise InputError(f"expected {kind} with a sum that a double can hold, it is beyond the largest", section)
    return found
