"""Greedy by sharing: next is the model that shares the most bytes with what is loaded.

That is the rule of the paper's greedy heuristic as reading notes of the paper give it; ties go to the model with less
to load. A visit goes on as long as a request for its model is in time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partload.solvers.partial_loading.constructive.greedy import Rule, by_order, elsewhere
from partload.solvers.partial_loading.constructive.partial_plan import PartialPlan


def rank(partial: PartialPlan, loads_s: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """The model of the last slot first, then by most shared bytes, then by least load."""
    return by_order(elsewhere(partial), -partial.shared_bytes(), loads_s)


METHOD = Rule(rank)
run = METHOD.run
