"""The features of a SLIDE instance."""

from __future__ import annotations

import numpy as np

from partload.instances.features import Feature, Support
from partload.instances.slide.instance import Instance

KNOWN: Support = {
    "frequency": ("per-device", "per-layer"),
    "channel": ("flat", "power-limited"),
    "weights": ("equal", "different"),
}
"""Every value that there is. It is for listings: what supports a value names it itself."""


def features(instance: Instance) -> frozenset[Feature]:
    """What an instance asks for; without users it asks nothing of channels."""
    weights = instance.arrays.weight
    return frozenset(
        {
            Feature("frequency", instance.frequency),
            *(Feature("channel", kind) for kind in {user.channel.kind for user in instance.users}),
            Feature("weights", "different" if len(weights) and np.ptp(weights) > 0 else "equal"),
        }
    )
