"""Random admission: users in random order, each served with the least bandwidth if it still fits."""

from __future__ import annotations

import numpy as np

from partload.instances.slide.instance import Instance
from partload.instances.slide.least_bandwidth import LeastBandwidths
from partload.instances.slide.plan import Plan
from partload.solvers.slide.baselines.baseline import Baseline, in_turn


def in_random_order(instance: Instance, needed: LeastBandwidths, random: np.random.Generator) -> Plan:
    """Users in a uniformly random order; a user who does not fit is skipped."""
    return in_turn(instance, needed, random.permutation(len(instance.users)))


METHOD = Baseline(serve=in_random_order)
run = METHOD.run
