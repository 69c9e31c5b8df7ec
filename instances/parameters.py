"""What can be set about an instance, one thing at a time: the record of it, and what both problems set alike."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from partload.instances.errors import InputError
from partload.instances.numbers import exact
from partload.instances.records import Demand

InstanceT = TypeVar("InstanceT")
DemandT = TypeVar("DemandT", bound=Demand)


@dataclasses.dataclass(frozen=True)
class Parameter(Generic[InstanceT]):
    """Something about an instance that can be set."""

    set: Callable[[InstanceT, float], InstanceT]
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


def scaled_deadlines(demand: Sequence[Demand], latest_s: float) -> list[float]:
    """Deadlines [s] of requests or users so that the latest one is ``latest_s``, the others in proportion."""
    latest = max((one.deadline_s for one in demand), default=1.0)
    return [latest_s if one.deadline_s == latest else one.deadline_s * (latest_s / latest) for one in demand]


def first(demand: tuple[DemandT, ...], count: float, instance: str, name: str) -> tuple[DemandT, ...]:
    """The first requests or users of the instance of that name; raises InputError when it has fewer."""
    if count > len(demand):
        raise InputError(f"expected at most {len(demand)}, all that {instance!r} has, got {exact(count)}", source=name)
    return demand[: int(count)]
