"""What the recursion formulation knows of each rule for the speeds of a device; nothing here imports Pyomo."""

from __future__ import annotations

import dataclasses

from partload.instances.features import by_feature
from partload.instances.slide.instance import Instance


@dataclasses.dataclass(frozen=True)
class Frequency:
    """Which speeds a device may have."""

    one_speed: bool
    """Whether all layers of a user run at one speed."""


FREQUENCIES = {"per-device": Frequency(one_speed=True), "per-layer": Frequency(one_speed=False)}


def frequency(instance: Instance) -> Frequency:
    """The rule of an instance; raises InputError on one without an entry."""
    return by_feature(FREQUENCIES, "frequency", instance.frequency)
