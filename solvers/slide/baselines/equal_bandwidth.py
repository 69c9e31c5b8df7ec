"""Equal bandwidth: the band is split equally among the users served, as many as are in time with their share.

A user with least bandwidth b can be one of n users if b <= B / n. So n is the largest number for which the n-th
smallest least bandwidth is at most B / n. Of the users with b <= B / n, the n heaviest are served; of equals, those
that need less.
"""

from __future__ import annotations

import numpy as np

from partload.instances.slide.instance import Instance
from partload.instances.slide.least_bandwidth import LIMIT_FACTOR, LeastBandwidths
from partload.instances.slide.plan import Plan
from partload.solvers.slide.band_capacity import plan_for
from partload.solvers.slide.baselines.baseline import Baseline


def equal_split(instance: Instance, needed: LeastBandwidths, random: np.random.Generator) -> Plan:
    """As many users as possible, each with the same bandwidth."""
    shares = instance.downlink.bandwidth_hz / np.arange(1, len(instance.users) + 1)
    enough = np.sort(needed.bandwidth_hz) <= shares * LIMIT_FACTOR
    count = int(np.flatnonzero(enough)[-1]) + 1 if enough.any() else 0
    if not count:
        return ()
    candidates = np.flatnonzero(needed.bandwidth_hz <= shares[count - 1] * LIMIT_FACTOR)
    first = candidates[np.lexsort((needed.bandwidth_hz[candidates], -instance.arrays.weight[candidates]))][:count]
    return plan_for(instance, needed, first, np.full(count, shares[count - 1]))


METHOD = Baseline(serve=equal_split)
run = METHOD.run
