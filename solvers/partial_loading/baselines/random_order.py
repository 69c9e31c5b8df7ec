"""Random order: next is any model with a request that can be in time, each as likely as the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partload.solvers.partial_loading.constructive.greedy import Rule, by_order, elsewhere
from partload.solvers.partial_loading.constructive.partial_plan import PartialPlan


def rank(partial: PartialPlan, loads_s: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """The model of the last slot first, then a random number for each; the seed is that of the limits, by default 0."""
    return by_order(elsewhere(partial), random.random(len(loads_s)))


METHOD = Rule(rank)
run = METHOD.run
