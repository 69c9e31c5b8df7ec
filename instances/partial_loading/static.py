"""Bandwidths of the static uplink when the slots are given: the least that any feasible division can have.

Each request holds b_k from its arrival r_k until its slot is ready, so a slot that is ready later needs less. Let
L_n be the latest time at which slot n can be ready, backwards from the last slot (which has no second term):

    L_n = min( min_{k in U_n} d_k,  L_{n+1} - load_{n+1} ) - alpha_{i_n} - beta_{i_n} |U_n|

*No feasible division has ready_n > L_n.* The slot must end by its deadlines and before the next one loads: ready_n plus
its inference is at most d_k, and at most ready_{n+1} - load_{n+1}, where ready_{n+1} <= L_{n+1} by induction. So
rate_k(b_k) >= D_k / (ready_n - r_k) >= D_k / (L_n - r_k): every b_k is at least the bandwidth of the latter rate.

*Those bandwidths are enough*, if load_1 <= L_1, no r_k is above its L_n, and they sum to at most B: ready_n <= L_n
holds for the first slot, and if it does for one slot, that ends by its deadlines and by L_{n+1} - load_{n+1}, so that
the next is loaded by L_{n+1}, which is also when its uploads end. If load_1 > L_1 or r_k > L_n, the slots are
infeasible whatever the bandwidths.
"""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from partload.instances.allocation import constant_bandwidths
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan

Floats = NDArray[np.float64]
LATE = 1e-14
"""Part of its time by which a power-limited upload may end late, far inside the checker's tolerance of 1e-9.

Just below the ceiling of a rate, the last bit of the rate is worth more bandwidth than that tolerance. So the rate is
rounded down, and the bandwidths never sum to more than the exact ones do."""


def latest_ready_s(instance: Instance, plan: Plan) -> Floats:
    """L_n [s]: the latest time at which each slot can be ready so that it and all later ones meet their deadlines.

    Shape (N,); from the deadlines and durations as doubles in exact arithmetic, rounded once. Below 0 where even a
    start at time 0 is too late. A slot without requests has no deadline of its own.

    Raises
    ------
    KeyError
        On an id that the instance does not have.
    """
    loads = clock.loads(instance, plan).load_s
    inference = clock.inference_times(instance, plan)
    index, requests = instance.request_index, instance.requests
    found = np.empty(len(plan))
    latest_end: Fraction | float = math.inf
    for n in range(len(plan) - 1, -1, -1):
        deadlines = (requests[index[name]].deadline_s for name in plan[n].requests)
        ready = min(latest_end, _exact(min(deadlines, default=math.inf))) - _exact(inference[n])
        found[n] = ready
        latest_end = ready - _exact(loads[n])
    return found


def with_least_bandwidths(instance: Instance, plan: Plan) -> Plan:
    """The same slots with the least bandwidths that any feasible division of the band has: every one of them least.

    Each upload ends when its slot, run as late as possible, is ready; a request without bits gets 0. The checker
    accepts the plan if and only if some division of the band makes these slots feasible (ties within rounding
    included). Otherwise its verdict names a deadline, where loads, arrivals and inference alone are too late, or the
    sum of the bandwidths, infinite when there is a request that no bandwidth gets there in time, or both.

    Raises
    ------
    KeyError
        On an id that the instance does not have.
    """
    columns = instance.arrays
    sizes = [len(slot.requests) for slot in plan]
    chosen = instance.positions(name for slot in plan for name in slot.requests)
    channel = columns.channel[chosen]
    window = np.repeat(latest_ready_s(instance, plan), sizes) - columns.arrival_s[chosen]
    window = np.where(channel.flat, window, window * (1 + LATE))
    share = iter(constant_bandwidths(channel, columns.input_bits[chosen], window).tolist())
    return tuple(dataclasses.replace(slot, bandwidth_hz={name: next(share) for name in slot.requests}) for slot in plan)


def decided(instance: Instance, plan: Plan) -> Plan:
    """The same slots with the best bandwidths for them.

    Where all requests share one band, these are the least ones; elsewhere the clock divides the band. A prefix has
    other best bandwidths than the whole plan, which may need its uploads sooner.

    Raises
    ------
    KeyError
        On an id that the instance does not have.
    """
    if instance.uplink_discipline.one_band:
        return with_least_bandwidths(instance, plan)
    return tuple(dataclasses.replace(slot, bandwidth_hz=None) for slot in plan)


def _exact(seconds: float) -> Fraction | float:
    """The fraction that a double is; infinity as it is."""
    return Fraction(seconds) if math.isfinite(seconds) else seconds
