"""What can be set about an instance, one thing at a time: the record of it, and what both problems set alike."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from partload.instances.errors import InputError
from partload.instances.numbers import exact

Asking = TypeVar("Asking")
"""A request or a user."""


@dataclasses.dataclass(frozen=True)
class Parameter:
    """Something about an instance that can be set."""

    set: Callable[[Any, float], Any]
    """From an instance and a value to a changed copy."""
    description: str
    unit: str = ""
    """Unit of the values; empty where they have none."""
    least: float = 0.0
    """Values are above this, or this itself where ``least_allowed``."""
    least_allowed: bool = False
    greatest: float = math.inf
    whole: bool = False
    """Whether values are whole numbers."""

    def check(self, name: str, value: float) -> None:
        """Raise InputError on a value that the parameter cannot take."""
        low = value >= self.least if self.least_allowed else value > self.least
        if not (math.isfinite(value) and low and value <= self.greatest):
            wanted = f"{'at least' if self.least_allowed else 'above'} {exact(self.least)}"
            wanted += f" and at most {exact(self.greatest)}" if math.isfinite(self.greatest) else ""
            raise InputError(f"expected a number {wanted}, got {exact(value)}", source=name)
        if self.whole and value != int(value):
            raise InputError(f"expected a whole number, got {exact(value)}", source=name)


def with_latest_deadline(asking: Sequence[Asking], latest_s: float) -> tuple[Asking, ...]:
    """Requests or users with their latest deadline set, and the others in proportion."""
    records: Sequence[Any] = asking
    latest = max((one.deadline_s for one in records), default=1.0)
    return tuple(
        dataclasses.replace(
            one, deadline_s=latest_s if one.deadline_s == latest else one.deadline_s * (latest_s / latest)
        )
        for one in records
    )


def first(asking: tuple[Asking, ...], count: float, instance: str, name: str) -> tuple[Asking, ...]:
    """The first requests or users of the instance of that name; raises InputError when it has not as many."""
    if count > len(asking):
        raise InputError(f"expected at most {len(asking)}, all that {instance!r} has, got {exact(count)}", source=name)
    return asking[: int(count)]
