"""First come, first served: next is the model of the request that stands first in the file and can be in time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partload.solvers.partial_loading.constructive.greedy import Rule
from partload.solvers.partial_loading.constructive.partial_plan import PartialPlan


def rank(partial: PartialPlan, loads_s: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Position in the file of the first request that waits for each model."""
    last = len(partial.instance.requests)
    return np.array([float(rows.min(initial=last)) for rows in partial.waiting])


METHOD = Rule(rank)
run = METHOD.run
