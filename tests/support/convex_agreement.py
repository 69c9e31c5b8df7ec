"""Random slots on which closed forms and convex problems must agree: for tests, and for the runs by the thousand."""

from __future__ import annotations

from random import Random
from typing import Literal, NamedTuple

import numpy as np

from partload.instances.allocation import least_upload_times
from partload.instances.channels import Channel, ChannelArrays, FlatChannel, PowerLimitedChannel
from partload.solvers.partial_loading.bandwidth.convex import least_upload

Kind = Literal["flat", "power-limited", "mixed"]
BAND_HZ = 1e7
MOST_REQUESTS = 50
FAR_WORSE = 1e-6
"""A channel 60 dB worse than the others is in every fourth slot."""


class Difference(NamedTuple):
    """One random slot, solved both ways."""

    relative_difference: float
    """Of the upload times: |convex - closed form| / closed form."""
    kkt: float
    """Largest residual of the optimality conditions."""


def difference(seed: int, kind: Kind, most_requests: int = MOST_REQUESTS) -> Difference:
    """Least upload time of the random slot of a seed: closed form against CVXPY."""
    channel, bits = random_slot(seed, kind, most_requests)
    closed = least_upload_times(channel, bits, np.zeros(len(bits), dtype=np.int64), 1, BAND_HZ)[0]
    convex = least_upload(channel, bits, BAND_HZ)
    return Difference(abs(convex.time_s - closed) / closed, convex.kkt.worst)


def random_slot(seed: int, kind: Kind, most_requests: int = MOST_REQUESTS) -> tuple[ChannelArrays, np.ndarray]:
    """Channels and inputs [bit] of up to so many requests: c / B from 1e-3 to 1e6, inputs from 10 kbit to 10 Mbit."""
    random = Random(f"{kind} {seed}")
    count = random.randint(1, most_requests)
    kinds = [kind if kind != "mixed" else random.choice(("flat", "power-limited")) for _ in range(count)]
    worse = random.randrange(count) if random.random() < 0.25 else None
    channels = [_channel(random, kind, FAR_WORSE if k == worse else 1.0) for k, kind in enumerate(kinds)]
    return ChannelArrays.of(channels), np.array([10 ** random.uniform(4, 7) for _ in range(count)])


def _channel(random: Random, kind: str, factor: float) -> Channel:
    if kind == "flat":
        return FlatChannel(factor * 10 ** random.uniform(-1, 1))
    return PowerLimitedChannel(factor * BAND_HZ * 10 ** random.uniform(-3, 6))
