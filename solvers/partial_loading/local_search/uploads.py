"""Upload times and bandwidths of a few requests, in plain floats, for thousands of questions a second.

The mathematics is that of `partload.instances.allocation` and `partload.instances.channels`, whose functions are made
for whole columns and cost more for a handful of requests than all of it takes here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from partload.instances.channels import HALLEY_STEPS, LN2, SERIES, SERIES_BELOW, SMALLEST
from partload.instances.partial_loading.instance import Instance

NEWTON_STEPS = 60
SETTLED = 1e-13
"""Relative step at which Newton's method has arrived."""
MOST_KNOWN = 200_000
"""Batches whose times are remembered at a time."""


class Uploads:
    """The uplink of an instance; requests are named by their positions.

    Attributes
    ----------
    alone_s
        Time [s] of each upload if it had the whole band; infinite bandwidth does not help who is above its ceiling.
    additive
        Whether uploads take as long together as one after another: on flat channels (problems, fact 1).
    """

    def __init__(self, instance: Instance) -> None:
        columns = instance.arrays
        self.band_hz = instance.server.bandwidth_hz
        self.alone_s: list[float] = columns.alone_s(self.band_hz).tolist()
        self.flat: list[bool] = columns.channel.flat.tolist()
        self.additive = bool(columns.channel.flat.all())
        self._quality: list[float] = columns.channel.quality.tolist()
        self._nats: list[float] = (columns.input_bits * LN2).tolist()
        self._known: dict[frozenset[int], float] = {}

    def together_s(self, rows: Iterable[int]) -> float:
        """Least time [s] in which the band uploads the inputs of these requests."""
        alone = self.alone_s
        if self.additive:
            return sum([alone[k] for k in rows])
        key = frozenset(rows)
        known = self._known.get(key)
        if known is None:
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            known = self._known[key] = self._least_s(key)
        return known

    def share(self, k: int, window_s: float) -> float:
        """Part of the band that a request needs so that its upload takes a time [s]."""
        if self.flat[k]:
            return self.alone_s[k] / window_s if window_s > 0 else (math.inf if self.alone_s[k] else 0.0)
        if self._nats[k] == 0:
            return 0.0
        if window_s <= 0:
            return math.inf
        return self._bandwidth(k, 1 / window_s)[0] / self.band_hz

    def _least_s(self, rows: frozenset[int]) -> float:
        """The least t = 1 / s with sum_k b_k(D_k s) <= B, by Newton's method on s inside a bracket (fact 2)."""
        flat = sum(self.alone_s[k] for k in rows if self.flat[k])
        curved = [k for k in rows if not self.flat[k] and self._nats[k] > 0]
        if not curved:
            return flat
        one_by_one = flat + sum(self.alone_s[k] for k in curved)  # Never faster than together.
        if math.isinf(one_by_one):
            return math.inf
        low = 1 / one_by_one
        high = min(self._quality[k] / self._nats[k] for k in curved)
        high = min(high, 1 / flat) if flat else high
        s = low
        for _ in range(NEWTON_STEPS):
            demand = slope = flat * self.band_hz
            demand *= s
            for k in curved:
                own, steeper = self._bandwidth(k, s)
                demand += own
                slope += steeper
            excess = demand - self.band_hz
            low, high = (s, high) if excess <= 0 else (low, s)
            following = s - excess / slope
            if not low < following < high:
                following = (low + high) / 2
            if abs(following - s) <= SETTLED * s:
                break
            s = following
        return 1 / s

    def _bandwidth(self, k: int, s: float) -> tuple[float, float]:
        """b_k(D_k s) of a power-limited channel [Hz], and its derivative by s; infinite at the ceiling of the rate."""
        nats = self._nats[k]
        z = _nats_per_hertz(nats * s / self._quality[k])
        if z <= 0:
            return math.inf, math.inf
        return nats * s / z, nats / (z + math.expm1(-z))


def _nats_per_hertz(share: float) -> float:
    """`partload.instances.channels.nats_per_hertz` of one number: ln(1 + c / b) at a share of the ceiling."""
    if share >= 1:
        return 0.0
    share = max(share, SMALLEST)
    logarithm = -math.log(share) if share < 0.5 else -math.log1p(share - 1)
    if logarithm < SERIES_BELOW:
        value = 0.0
        for coefficient in reversed(SERIES):
            value = value * logarithm + coefficient
        return value * logarithm
    z = logarithm + math.log1p(logarithm)
    for _ in range(HALLEY_STEPS):
        part = -math.expm1(-z)
        excess = z + math.log(part / z) - logarithm
        slope = 1 / part - 1 / z
        curvature = 1 / z**2 - (1 - part) / part**2
        z -= excess / (slope - excess * curvature / (2 * slope))
    return z
