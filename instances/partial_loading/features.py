"""The features of a PartialLoading instance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partload.instances.channels import CHANNELS
from partload.instances.features import Feature, Support
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.residency import RESIDENCIES
from partload.instances.partial_loading.uplink import UPLINKS
from partload.instances.partial_loading.visits import VISITS

KNOWN: Support = {
    "residency": tuple(RESIDENCIES),
    "visits": tuple(VISITS),
    "uplink": tuple(UPLINKS),
    "channel": tuple(CHANNELS),
    "deadlines": ("common", "different"),
    "weights": ("equal", "different"),
    "arrivals": ("none", "some"),
}
"""Every value that there is, on each axis."""


def features(instance: Instance) -> frozenset[Feature]:
    """The features of an instance. Without requests it has none on the axis of channels."""
    server, columns = instance.server, instance.arrays
    return frozenset(
        {
            Feature("residency", server.residency),
            Feature("visits", server.visits),
            Feature("uplink", server.uplink),
            *(Feature("channel", kind) for kind in {request.channel.kind for request in instance.requests}),
            Feature("deadlines", _spread(columns.deadline_s, "common")),
            Feature("weights", _spread(columns.weight, "equal")),
            Feature("arrivals", "some" if columns.arrivals else "none"),
        }
    )


def _spread(values: NDArray[np.float64], alike: str) -> str:
    return "different" if len(values) and np.ptp(values) > 0 else alike
