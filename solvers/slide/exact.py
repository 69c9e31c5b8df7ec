"""What the exact driver asks of SLIDE: bounds and a first plan from the knapsack over least bandwidths."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from instances.slide.instance import Instance
from instances.slide.least import ON_TIME, least_bandwidths
from instances.slide.plan import Plan
from solvers.exact import Ground
from solvers.registry import Limits, Outcome
from solvers.slide.admitting import cut_short, plan
from solvers.slide.bounds import upper_bound
from solvers.slide.knapsack import Knapsack


def _first(instance: Instance, limits: Limits, bound: float) -> Outcome:
    """Users in order of bandwidth per weight, as long as they fit."""
    found: Plan = ()

    def work() -> None:
        nonlocal found
        needed, band = least_bandwidths(instance), instance.downlink.bandwidth_hz * ON_TIME
        greedy = Knapsack(instance.arrays.weight, needed.bandwidth_hz, band, gap=0.0).greedy
        found = plan(instance, needed, np.flatnonzero(greedy))

    cut = cut_short(limits, work)
    return Outcome(found, None, cut or "heuristic-end")


def _beginnings(instance: Instance, plan: Plan) -> Iterator[Plan]:
    """Users are served beside one another: who is served beside more has no more of the band."""
    return (plan[:n] for n in range(1, len(plan) + 1))


GROUND = Ground(upper_bound, _first, _beginnings)
