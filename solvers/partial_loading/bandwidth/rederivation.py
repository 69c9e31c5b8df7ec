"""The bandwidth of a plan derived again, slot by slot: by closed form, and by convex optimization, which must agree."""

from __future__ import annotations

import dataclasses

import numpy as np

from partload.instances.allocation import constant_bandwidths, least_upload_times
from partload.instances.channels import upload_time
from partload.instances.partial_loading.clock import Times
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.solvers.partial_loading.bandwidth.convex import least_bandwidth, least_upload


@dataclasses.dataclass(frozen=True)
class Derived:
    """One slot: its least upload time [s] or, with the uplink ``static``, the least bandwidth [Hz] for its ready time.

    ``closed`` is that by closed form, ``convex`` by convex optimization.
    """

    closed: float
    convex: float
    own: float
    """The upload time that the plan's bandwidths give; static: the bandwidth that it uses."""
    price_s_per_hz: float
    """What one more hertz is worth: by how many seconds the uploads end earlier or, static, could be ready earlier."""
    kkt: float
    """Largest residual of the optimality conditions of the convex problem."""

    @property
    def difference(self) -> float:
        """|convex - closed form|, relative to the closed form; 0 where there is nothing to upload."""
        return abs(self.convex - self.closed) / self.closed if self.closed > 0 else abs(self.convex)


def rederived(instance: Instance, plan: Plan, times: Times) -> list[Derived]:
    """Each slot of a feasible plan, which has these times.

    Raises
    ------
    InputError
        When a solution of the convex solver cannot be verified.
    """
    columns, found, first = instance.arrays, [], 0
    for slot, ready in zip(plan, times.ready_s.tolist()):
        chosen = instance.positions(slot.requests)
        channel, bits = columns.channel[chosen], columns.input_bits[chosen]
        own = times.bandwidth_hz[first : first + len(chosen)]
        first += len(chosen)
        if instance.uplink_discipline.one_band:
            window = ready - columns.arrival_s[chosen]
            closed = float(np.sum(constant_bandwidths(channel, bits, window)))
            least = least_bandwidth(channel, bits, window, slot.requests)
            saved = float(np.sum(least.price_hz_per_s))
            bandwidth = float(np.sum(least.bandwidth_hz))
            price = 1 / saved if saved > 0 else 0.0
            found.append(Derived(closed, bandwidth, float(np.sum(own)), price, least.kkt.worst))
        else:
            one = np.zeros(len(bits), dtype=np.int64)
            closed = float(least_upload_times(channel, bits, one, 1, instance.server.bandwidth_hz)[0])
            quickest = least_upload(channel, bits, instance.server.bandwidth_hz)
            longest = float(np.max(upload_time(channel, bits, own)))
            found.append(Derived(closed, quickest.time_s, longest, quickest.price_s_per_hz, quickest.kkt.worst))
    return found
