"""Admission by least bandwidth: exact for equal weights, in O(sum L + K log K) (problems, SLIDE, fact 3).

Who is served needs at least the least bandwidth over the models, and whom else it is served beside does not change it.
So of all sets of n users the n with the least bandwidths need least of the band: if these do not fit, no n do.

The proof counts with ``floor_hz`` instead, and with more than all the tolerance of the band: as many as fit then is a
bound. It is the number admitted, unless the next user misses the band by a part of some 1e-8, or some deadline by as
much. Then both are counted once more: the bound with just beyond the checker's tolerance, the plan with just within.
"""

from __future__ import annotations

import math
import time

import numpy as np

from partload.instances.slide import least
from partload.instances.slide.instance import Instance
from partload.instances.solution import Termination
from partload.instances.verdict import BEYOND, WITHIN
from partload.solvers import interrupts
from partload.solvers.registry import Limits, Outcome
from partload.solvers.slide.band_capacity import Rows, cut_short, fitting, plan


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve a covered instance to proven optimality; cut short, it serves nobody."""
    since = time.perf_counter()
    needed: least.Least | None = None
    admitted = np.empty(0, dtype=np.int64)
    most = len(instance.users)

    def work() -> None:
        nonlocal needed, admitted, most
        needed = least.least_bandwidths(instance)
        band = instance.downlink.bandwidth_hz
        most = fitting(np.sort(needed.floor_hz), band * (1 + least.ROOM))
        admitted = _admitted(needed, band * least.ON_TIME)
        if len(admitted) < most:
            beyond = least.least_bandwidths(instance, BEYOND).bandwidth_hz
            most = min(most, fitting(np.sort(beyond), band * (1 + BEYOND)))
        if len(admitted) < most:
            loosened = least.least_bandwidths(instance, WITHIN)
            more = _admitted(loosened, band * (1 + WITHIN))
            if len(more) > len(admitted):
                needed, admitted = loosened, more

    cut = cut_short(limits, work)
    with interrupts.held():
        best = plan(instance, needed, admitted) if needed is not None else ()
    weight = instance.users[0].weight if most else 0.0
    value, bound = (math.fsum([weight] * count) for count in (len(admitted), most))
    proved: Termination = "proved" if bound - value <= limits.gap * bound else "tolerance"
    return Outcome(best, bound, cut or proved, solve_s=time.perf_counter() - since)


def _admitted(needed: least.Least, band_hz: float) -> Rows:
    """Positions of as many users as fit into a band, those with the least bandwidths."""
    order = np.argsort(needed.bandwidth_hz, kind="stable")
    return order[: fitting(needed.bandwidth_hz[order], band_hz)]
