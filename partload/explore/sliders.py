"""Sliders: for each parameter that a page varies, the stops, one of which is the instance as it is."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from partload import console
from partload.instances.errors import InputError
from partload.instances.records import AnyInstance
from partload.instances.variations import varied

InstanceT = TypeVar("InstanceT", bound=AnyInstance)

OCTAVES, STEPS = 3, 8
"""A slider of a positive quantity goes so many times to its half and to its double, in so many steps each."""


@dataclasses.dataclass(frozen=True)
class Setting(Generic[InstanceT]):
    """How a page varies one parameter of a problem (``instances.variations``)."""

    parameter: str
    """Name of the parameter."""
    label: str
    """What the page calls it."""
    written: Callable[[InstanceT, float | None], str]
    """A value of an instance with its unit; None is no limit."""
    now: Callable[[InstanceT], float | None]
    """The value that an instance has."""
    stops: Callable[[InstanceT], Sequence[float]]
    """The values to choose from beside it; none where the parameter changes nothing."""


def demand_size(name: str) -> Setting[InstanceT]:
    """How many want to be served."""
    return Setting(
        name,
        name,
        lambda _, value: f"{value or 0:g}",
        lambda instance: float(len(instance.demand)),
        lambda instance: [float(count) for count in range(1, len(instance.demand))],
    )


def latest_deadline(stops: Callable[[InstanceT], Sequence[float]]) -> Setting[InstanceT]:
    """The latest deadline among those who want to be served."""
    return Setting("deadline", "latest deadline", lambda _, value: console.seconds(value), latest, stops)


def latest(instance: AnyInstance) -> float:
    """The latest deadline [s] of those who want to be served; 0 where nobody does."""
    return max((one.deadline_s for one in instance.demand), default=0.0)


@dataclasses.dataclass(frozen=True)
class Stop:
    """One position of a slider."""

    value: float | None
    """What the parameter is set to; None leaves the instance as it is."""
    text: str


@dataclasses.dataclass(frozen=True)
class Slider:
    """One parameter with its stops, the least value first; no limit comes last."""

    parameter: str
    label: str
    stops: tuple[Stop, ...]
    start: int
    """Position of the stop that leaves the instance as it is."""


def slider(setting: Setting[InstanceT], instance: InstanceT) -> Slider:
    """The slider of a parameter for an instance."""
    now = setting.now(instance)
    others = sorted({value for value in setting.stops(instance) if now is None or not same(value, now)})
    stops = [Stop(value, setting.written(instance, value)) for value in others]
    start = len(others) if now is None else sum(value < now for value in others)
    stops.insert(start, Stop(None, setting.written(instance, now)))
    return Slider(setting.parameter, setting.label, tuple(stops), start)


def moved(instance: InstanceT, sliders: Sequence[Slider], positions: Mapping[str, int]) -> InstanceT:
    """The instance with each slider at a position, those that are not named at their start.

    Raises
    ------
    InputError
        On a slider that the instance does not have, a position that is none of its stops, or a value that the
        parameter cannot take together with the others.
    """
    known = {one.parameter: one for one in sliders}
    for name, position in positions.items():
        if name not in known:
            raise InputError(f"expected one of {', '.join(known)}, got {name!r}", source="slider")
        if not 0 <= position < len(known[name].stops):
            last = len(known[name].stops) - 1
            raise InputError(f"expected a position from 0 to {last}, got {position}", source=f"slider {name}")
    for name, one in known.items():  # In the order of the table, whoever moved first.
        value = one.stops[positions.get(name, one.start)].value
        if value is not None:
            instance = varied(instance, name, value)
    return instance


def around(value: float) -> list[float]:
    """Positive values around one, each larger than the last by the same factor, rounded to three digits.

    Numbers that a double cannot hold are left out.
    """
    count = OCTAVES * STEPS
    found = (float(f"{value * 2 ** (step / STEPS):.3g}") for step in range(-count, count + 1) if step)
    return [one for one in found if 0 < one < math.inf]


def same(one: float, other: float) -> bool:
    """Whether two values are the same stop."""
    return abs(one - other) <= 1e-3 * abs(other)
