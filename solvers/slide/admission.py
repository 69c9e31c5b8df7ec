"""Admission by least bandwidth: exact for equal weights, in O(sum L + K log K) (problems, SLIDE, fact 3).

A user needs at least the least bandwidth b_k over the models, whoever else is served. So of all sets of n users, the n
with the smallest b_k need the least of the band; if these do not fit, no n users do.

The proof counts with ``floor_hz`` and a band enlarged beyond the checker's tolerance: the number that fits is an upper
bound. It equals the number admitted, unless the next user misses the band, or some deadline, by less than about 1e-8.
Then both are counted again: the bound just beyond the checker's tolerance, the plan just within.
"""

from __future__ import annotations

import math
import time

import numpy as np

from partload.instances.slide.frequency import least_bandwidths
from partload.instances.slide.instance import Instance
from partload.instances.slide.least_bandwidth import LIMIT_FACTOR, LeastBandwidths
from partload.instances.slide.requirement import BOUND_MARGIN
from partload.instances.solution import Termination
from partload.instances.verdict import BEYOND, WITHIN
from partload.solvers import interrupts
from partload.solvers.registry import Limits, Outcome
from partload.solvers.slide.band_capacity import Rows, count_fitting, plan_for, run_limited


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve a supported instance to proven optimality; cut short, it serves nobody."""
    since = time.perf_counter()
    needed: LeastBandwidths | None = None
    admitted = np.empty(0, dtype=np.int64)
    most = len(instance.users)

    def work() -> None:
        nonlocal needed, admitted, most
        needed = least_bandwidths(instance)
        band = instance.downlink.bandwidth_hz
        most = count_fitting(np.sort(needed.floor_hz), band * (1 + BOUND_MARGIN))
        admitted = _admitted(needed, band * LIMIT_FACTOR)
        if len(admitted) < most:
            beyond = least_bandwidths(instance, BEYOND).bandwidth_hz
            most = min(most, count_fitting(np.sort(beyond), band * (1 + BEYOND)))
        if len(admitted) < most:
            within = least_bandwidths(instance, WITHIN)
            more = _admitted(within, band * (1 + WITHIN))
            if len(more) > len(admitted):
                needed, admitted = within, more

    cut = run_limited(limits, work)
    with interrupts.held():
        best = plan_for(instance, needed, admitted) if needed is not None else ()
    weight = instance.users[0].weight if most else 0.0
    value, bound = (math.fsum([weight] * count) for count in (len(admitted), most))
    proved: Termination = "proved" if bound - value <= limits.gap * bound else "tolerance"
    return Outcome(best, bound, cut or proved, solve_s=time.perf_counter() - since)


def _admitted(needed: LeastBandwidths, band_hz: float) -> Rows:
    """Positions of the users with the least bandwidths, as many as fit into a band."""
    order = np.argsort(needed.bandwidth_hz, kind="stable")
    return order[: count_fitting(needed.bandwidth_hz[order], band_hz)]
