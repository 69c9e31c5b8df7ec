"""The numbers that the derivation of ``substitution`` prints, in hertz, seconds and bits."""

from __future__ import annotations

import dataclasses
from functools import cached_property

import numpy as np

from partload.formulations.partial_loading.joint.band_data import BandData
from partload.formulations.partial_loading.slot import features
from partload.formulations.partial_loading.slot.data import SlotData
from partload.instances.allocation import constant_bandwidths, least_upload_times
from partload.instances.channels import LN2, rate, upload_time
from partload.instances.partial_loading.instance import Instance

MOST_PRINTED = 5
"""Requests of each kind of channel that are printed."""
MOST_IN_BATCH = 3


@dataclasses.dataclass(frozen=True)
class Numbers:
    """What is printed of an instance. Requests are named by their position in it, from 0."""

    instance: Instance

    @property
    def static(self) -> bool:
        """Whether bandwidth is held from time 0 instead of slot by slot."""
        return not features.uplink(self.instance.server).one_by_one

    @property
    def band(self) -> float:
        """B [Hz]."""
        return self.instance.server.bandwidth_hz

    @cached_property
    def data(self) -> BandData:
        """What the joint and the cone formulation are made of."""
        return BandData(SlotData(self.instance))

    @cached_property
    def uploads(self) -> list[int]:
        """Requests of the joint formulation: those that can be in time and have bits to upload."""
        return [self.instance.request_index[request] for request in self.data.uploads]

    @cached_property
    def flat(self) -> list[int]:
        """Those of them on flat channels."""
        return [k for k in self.uploads if self.instance.arrays.channel.flat[k]]

    @cached_property
    def limited(self) -> list[int]:
        """Those of them on power-limited channels."""
        return [k for k in self.uploads if not self.instance.arrays.channel.flat[k]]

    @cached_property
    def printed(self) -> list[int]:
        """The first few of each kind of channel."""
        return self.flat[:MOST_PRINTED] + self.limited[:MOST_PRINTED]

    @cached_property
    def batch(self) -> list[int]:
        """The cheapest uploads of the first model that can take two together; of the first at all if none can."""
        groups: dict[str, list[int]] = {model.id: [] for model in self.instance.models}
        for k in sorted(self.uploads, key=lambda k: self.least_time([k])):
            groups[self.instance.requests[k].model].append(k)
        largest = self.data.data.largest_batch
        batches = [sorted(mine[: min(MOST_IN_BATCH, largest[model])]) for model, mine in groups.items() if mine]
        return next((batch for batch in batches if len(batch) > 1), batches[0])

    def bits(self, k: int) -> float:
        """D_k [bit]."""
        return float(self.instance.arrays.input_bits[k])

    def quality(self, k: int) -> float:
        """eta_k [bit/s/Hz] or c_k [Hz]."""
        return float(self.instance.arrays.channel.quality[k])

    def load(self, k: int) -> float:
        """a_k = D_k / eta_k [Hz s] of a flat channel."""
        return float(self.instance.arrays.spectrum_load[k])

    def ceiling(self, k: int) -> float:
        """Upload time [s] that no bandwidth reaches on a power-limited channel: D_k ln 2 / c_k."""
        return self.bits(k) * LN2 / self.quality(k)

    def least_time(self, chosen: list[int]) -> float:
        """Least time [s] in which the whole band uploads the inputs of some requests."""
        columns, group = self.instance.arrays, np.zeros(len(chosen), dtype=np.int64)
        channel, bits = columns.channel[np.array(chosen)], columns.input_bits[chosen]
        return float(least_upload_times(channel, bits, group, 1, self.band)[0])

    def needed(self, k: int, time_s: float) -> float:
        """f_k: least bandwidth [Hz] that uploads the input of request k within a time [s]."""
        columns, chosen = self.instance.arrays, np.array([k])
        return float(constant_bandwidths(columns.channel[chosen], columns.input_bits[chosen], np.array([time_s]))[0])

    def rate(self, k: int, bandwidth_hz: float) -> float:
        """Rate [bit/s] of request k at a bandwidth [Hz]."""
        return float(rate(self.instance.arrays.channel[np.array([k])], np.array([bandwidth_hz]))[0])

    def upload(self, k: int, bandwidth_hz: float) -> float:
        """Upload time [s] of request k at a bandwidth [Hz]."""
        columns, chosen = self.instance.arrays, np.array([k])
        return float(upload_time(columns.channel[chosen], columns.input_bits[chosen], np.array([bandwidth_hz]))[0])

    def tangent(self, k: int, time_s: float) -> tuple[float, float]:
        """Height at time 0 [Hz] and slope [Hz/s] of the tangent to f_k at a time [s]: that of the cone formulation."""
        unit, name = self.data.data.unit_s, self.instance.requests[k].id
        tangent = self.data.tangent(name, self.data.needed(name, time_s / unit))
        return tangent.height * self.band, -tangent.fall * self.band / unit
