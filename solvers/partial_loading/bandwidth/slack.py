"""The slack that the slots of a plan leave to the division of the band: bandwidth, and time that slots may wait.

Symbols and proof stand in `partload.formulations.partial_loading.bandwidth.goals`: base_n is the time that slot n has
to give its uploads in any case, S_n the time by which it and the slots before it may wait longer, all together.
"""

from __future__ import annotations

import dataclasses
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from partload.instances.allocation import constant_bandwidths, least_upload_times
from partload.instances.channels import ChannelArrays, upload_time
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.instances.partial_loading.static import latest_ready_s

Floats = NDArray[np.float64]
Chosen = NDArray[np.bool_]
FREEDOM = 1e-6
"""Part of a band, or of a time. Less slack than this counts as none: the solver could not use it."""


@dataclasses.dataclass(frozen=True)
class Slack:
    """K requests served in N slots, and what is left to decide about them."""

    channel: ChannelArrays
    bits: Floats
    """D_k, shape (K,), requests in the order of the slots."""
    weight: Floats
    """omega_k, shape (K,)."""
    slot: NDArray[np.int64]
    """Slot of each request, shape (K,)."""
    open: Chosen
    """Requests with bits to upload and a bandwidth that is still to be decided, shape (K,)."""
    band_of: NDArray[np.int64]
    """The band that a slot divides, shape (N,): one of its own or, with uplink ``static``, the same for all."""
    band_hz: Floats
    """What is left of each band for the open requests."""
    floor_s: Floats
    """Time that each slot takes before inference whatever its open uploads do, shape (N,)."""
    limit_s: Floats
    """Latest end of the uploads, shape (N,): with ``static`` of each slot from time 0, else of the slots up to n, one
    after the other."""

    static: bool
    """Whether all slots share one band and upload from time 0."""

    @cached_property
    def base_s(self) -> Floats:
        """base_n, shape (N,)."""
        if self.static:
            return self.limit_s
        if not self.open.any():
            return self.floor_s
        part = self.band_hz[self.band_of[self.slot]][self.open] / self.band_hz.max()
        channel, bits = self.channel[self.open], self.bits[self.open]
        # On a part of the band, uploads take as long as larger inputs over less noise do on the whole of it.
        wider = ChannelArrays(channel.flat, np.where(channel.flat, channel.quality, channel.quality / part))
        least = least_upload_times(wider, bits / part, self.slot[self.open], len(self.floor_s), self.band_hz.max())
        return np.maximum(self.floor_s, least)

    @cached_property
    def wait_s(self) -> Floats:
        """S_n, shape (N,)."""
        if self.static:
            return np.zeros(len(self.limit_s))
        spare = np.minimum.accumulate((self.limit_s - np.cumsum(self.base_s))[::-1])[::-1]
        return np.where(spare > FREEDOM * self.base_s, spare, 0.0)

    def free(self) -> Chosen:
        """Open requests of bands that are not all needed to be in time, shape (K,)."""
        latest, band = (self.base_s + self.wait_s)[self.slot], self.band_of[self.slot]
        bits = np.where(self.open, self.bits, 0.0)
        needed = np.bincount(band, constant_bandwidths(self.channel, bits, latest), len(self.band_hz))
        return self.open & (needed < (1 - FREEDOM) * self.band_hz)[band]

    def without(self, settled: NDArray[np.int64], bandwidth_hz: Floats) -> Slack:
        """The slack left when the requests at some positions keep their bandwidths, of ``bandwidth_hz`` (K,)."""
        still = self.open.copy()
        still[settled] = False
        taken = np.bincount(self.band_of[self.slot[settled]], bandwidth_hz[settled], len(self.band_hz))
        floor = self.floor_s.copy()
        uploads = upload_time(self.channel[settled], self.bits[settled], bandwidth_hz[settled])
        np.maximum.at(floor, self.slot[settled], uploads)
        return dataclasses.replace(self, open=still, band_hz=self.band_hz - taken, floor_s=floor)


def slack_of(instance: Instance, plan: Plan) -> Slack:
    """The slack that a feasible plan leaves, with every bandwidth still to be decided."""
    index, columns, server = instance.request_index, instance.arrays, instance.server
    chosen = instance.positions(name for slot in plan for name in slot.requests)
    discipline = instance.uplink_discipline
    floor, static = np.zeros(len(plan)), discipline.one_band
    if discipline.begins_with_slot:
        floor = np.array(clock.loads(instance, plan).load_s)
        deadlines = [min(instance.requests[index[name]].deadline_s for name in slot.requests) for slot in plan]
        limit = np.array(deadlines) - np.cumsum(clock.inference_times(instance, plan))
    else:
        limit = latest_ready_s(instance, plan)
    return Slack(
        channel=columns.channel[chosen],
        bits=columns.input_bits[chosen],
        weight=columns.weight[chosen],
        slot=np.repeat(np.arange(len(plan)), [len(slot.requests) for slot in plan]),
        open=columns.input_bits[chosen] > 0,
        band_of=np.zeros(len(plan), dtype=np.int64) if static else np.arange(len(plan)),
        band_hz=np.full(1 if static else len(plan), server.bandwidth_hz),
        floor_s=floor,
        limit_s=limit,
        static=static,
    )
