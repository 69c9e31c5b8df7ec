"""The features of a SLIDE instance."""

from __future__ import annotations

import numpy as np

from partload.instances.features import Feature, Support
from partload.instances.slide.frequency import FREQUENCIES
from partload.instances.slide.instance import Instance

KNOWN: Support = {
    "frequency": tuple(FREQUENCIES),
    "channel": ("flat", "power-limited"),
    "weights": ("equal", "different"),
}
"""All values of each axis, for listings."""


def features(instance: Instance) -> frozenset[Feature]:
    """The features of an instance; without users it has no channel feature."""
    weights = instance.arrays.weight
    return frozenset(
        {
            Feature("frequency", instance.frequency),
            *(Feature("channel", kind) for kind in {user.channel.kind for user in instance.users}),
            Feature("weights", "different" if len(weights) and np.ptp(weights) > 0 else "equal"),
        }
    )
