"""What formulations that keep bandwidth as a variable need of an instance: channels, in units of the whole band.

Data extraction only. Bandwidths are shares of B, rates are shares of the request's rate on the whole band, times are
those of ``SlotData``: a request that has the share b of the band at the rate r uploads in u_k / r, where u_k is its
upload time on the whole band.
"""

from __future__ import annotations

import dataclasses
import math
from functools import cached_property
from typing import NamedTuple

import numpy as np

from partload.formulations.partial_loading.slot.data import SlotData
from partload.instances.allocation import constant_bandwidths
from partload.instances.channels import upload_time

MARGIN = 1e-6
"""Relative safety of bounds that hold for every feasible plan."""
OUTWARDS = 1e-12
"""Part by which tangents are lowered, against rounding."""


class Tangent(NamedTuple):
    """A line below f_k: share >= height - fall * time."""

    height: float
    """Value at time 0."""
    fall: float
    """How steeply it falls, above 0."""


@dataclasses.dataclass(frozen=True)
class BandData:
    """The uploads of the usable requests of an instance."""

    data: SlotData

    @cached_property
    def uploads(self) -> tuple[str, ...]:
        """Usable requests that have bits to upload."""
        return tuple(k for k in self.data.requests if self.data.upload[k] > 0)

    @cached_property
    def snr(self) -> dict[str, float]:
        """c_k / B of the uploads on power-limited channels; those on flat channels have none."""
        channel, band = self.data.instance.arrays.channel, self.data.instance.server.bandwidth_hz
        index = self.data.instance.request_index
        return {k: float(channel.quality[index[k]]) / band for k in self.uploads if not channel.flat[index[k]]}

    @cached_property
    def latest(self) -> dict[str, float]:
        """Longest time that an upload may take: from arrival to deadline, less the time its batch runs alone."""
        inference = {k: self.data.setup[i] + self.data.per_request[k] for k, i in self.data.model_of.items()}
        return {k: self.data.deadline[k] - inference[k] - self.data.arrival[k] for k in self.uploads}

    @cached_property
    def least_share(self) -> dict[str, float]:
        """A share of the band below which an upload is never in time."""
        return {k: min(self.needed(k, self.latest[k]) * (1 - MARGIN), 1.0) for k in self.uploads}

    @cached_property
    def least_time(self) -> dict[str, float]:
        """A time that an upload takes at least: a little less than on the whole band."""
        return {k: (1 - MARGIN) * self.data.upload[k] for k in self.uploads}

    def height_at_least_time(self, k: str, tangent: Tangent) -> float:
        """The value of a tangent at ``least_time``, rounded downwards.

        A tangent lies below f_k, which is 1 at the time on the whole band, so this number is near 1 at most. The value
        at time 0 is as large as the tangent is steep: with numbers like 3e5 beside 1, HiGHS 1.16 was seen to prove 1
        where 5 can be served, for some orders of the same rows.
        """
        return tangent.height - tangent.fall * self.least_time[k] - OUTWARDS * tangent.height

    def needed(self, k: str, time: float) -> float:
        """f_k(time): the least share of the band that uploads request k within a time; infinite where none does."""
        instance = self.data.instance
        chosen = np.array([instance.request_index[k]])
        columns, ready_s = instance.arrays, np.array([time * self.data.unit_s])
        needed_hz = constant_bandwidths(columns.channel[chosen], columns.input_bits[chosen], ready_s)
        return float(needed_hz[0]) / instance.server.bandwidth_hz

    def time(self, k: str, share: float) -> float:
        """The time in which request k uploads on a share of the band: the inverse of f_k, exact near ceilings too."""
        instance = self.data.instance
        chosen = np.array([instance.request_index[k]])
        columns, bandwidth_hz = instance.arrays, np.array([share * instance.server.bandwidth_hz])
        time_s = upload_time(columns.channel[chosen], columns.input_bits[chosen], bandwidth_hz)
        return float(time_s[0]) / self.data.unit_s

    def tangent(self, k: str, share: float) -> Tangent:
        """The tangent to f_k where it needs a share of the band, above 0.

        f_k is convex and decreasing (a convex function of the rate, and the rate of the time). For a flat channel it is
        u_k / t; for a power-limited one c / y with ln(1 + y) = q y, where q is in proportion to 1 / t (problems,
        fact 2), so that df / dt = -(q / t) c / (ln(1 + y) - y / (1 + y)).

        It is rounded downwards. The numbers at hand are right to some 1e-15 of their size, heights are lowered by
        ``OUTWARDS``, which is more; so it lies below f_k, as doubles are, for every share and time.
        """
        time = self.time(k, share)
        if k in self.snr:
            y = self.snr[k] / share
            fullness = math.log1p(y) / y
            fall = fullness * self.snr[k] / _bend(y) / time
        else:
            fall = share / time
        return Tangent((share + fall * time) * (1 - OUTWARDS), fall)


def _bend(y: float) -> float:
    """ln(1 + y) - y / (1 + y), by its series y^2 / 2 - 2 y^3 / 3 + ... where the difference would lose digits."""
    if y > 1e-3:
        return math.log1p(y) - y / (1 + y)
    return sum((-1) ** power * (power - 1) / power * y**power for power in range(2, 8))
