"""Equal bandwidth: the band is split equally among those served, who are as many as can be in time with that.

A user with least bandwidth b can be one of n if b <= B / n. So n is the largest number for which the n-th least
bandwidth is no more than B / n. Of those who could be among n, the heaviest are served, the least demanding of equals.
"""

from __future__ import annotations

import numpy as np

from partload.instances.slide.instance import Instance
from partload.instances.slide.least import ON_TIME, Least
from partload.instances.slide.plan import Plan
from partload.solvers.slide.band_capacity import plan
from partload.solvers.slide.baselines.baseline import Baseline


def equal_split(instance: Instance, needed: Least, random: np.random.Generator) -> Plan:
    """As many as can be, each on the same bandwidth."""
    shares = instance.downlink.bandwidth_hz / np.arange(1, len(instance.users) + 1)
    enough = np.sort(needed.bandwidth_hz) <= shares * ON_TIME
    count = int(np.flatnonzero(enough)[-1]) + 1 if enough.any() else 0
    if not count:
        return ()
    able = np.flatnonzero(needed.bandwidth_hz <= shares[count - 1] * ON_TIME)
    first = able[np.lexsort((needed.bandwidth_hz[able], -instance.arrays.weight[able]))][:count]
    return plan(instance, needed, first, np.full(count, shares[count - 1]))


METHOD = Baseline(serve=equal_split)
run = METHOD.run
