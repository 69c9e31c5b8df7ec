"""Earliest deadline first: next is the model of the request that is due first among those that can be in time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partload.solvers.partial_loading.constructive.greedy import Rule
from partload.solvers.partial_loading.constructive.partial_plan import PartialPlan


def rank(partial: PartialPlan, loads_s: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Earliest deadline [s] among the requests that wait for each model and can still be in time."""
    soonest = partial.end_s + loads_s + partial.setup_s + partial.per_request_s
    due = partial.instance.arrays.deadline_s
    waiting = (due[rows] for rows in partial.waiting)
    return np.array([d[d >= t].min(initial=np.inf) for d, t in zip(waiting, soonest.tolist())])


METHOD = Rule(rank)
run = METHOD.run
