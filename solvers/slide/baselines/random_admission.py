"""Random admission: users in random order, each served on the least bandwidth if it is still there."""

from __future__ import annotations

import numpy as np

from partload.instances.slide.instance import Instance
from partload.instances.slide.least import Least
from partload.instances.slide.plan import Plan
from partload.solvers.slide.baselines.baseline import Baseline, in_turn


def in_random_order(instance: Instance, needed: Least, random: np.random.Generator) -> Plan:
    """Every order is as likely as any other."""
    return in_turn(instance, needed, random.permutation(len(instance.users)))


METHOD = Baseline(serve=in_random_order)
run = METHOD.run
