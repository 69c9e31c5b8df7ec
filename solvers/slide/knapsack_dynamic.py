"""Weights: a knapsack over least bandwidths, exact for any weights (problems, SLIDE, fact 3).

A user can be served with any of several models, which looks like a multiple-choice knapsack. But all of them are worth
the same, the user's weight, and nothing else depends on the choice: the one that needs the least bandwidth is never
worse. So each user is one item, with the least bandwidth as its size, and the band is what they have to fit into.

The bound is that of the same knapsack with ``floor_hz`` for sizes and more than all the tolerance of the band. What is
found there fits the real one, too, unless users miss the band by a part of some 1e-8, or a deadline by as much. Then
both are solved once more: the bound with just beyond the checker's tolerance, the plan with just within.
"""

from __future__ import annotations

import math
import time
from typing import NamedTuple

import numpy as np

from partload.instances.slide import least
from partload.instances.slide.instance import Instance
from partload.instances.slide.least import Least
from partload.instances.solution import Termination
from partload.instances.sums import total
from partload.instances.verdict import BEYOND, WITHIN
from partload.solvers import interrupts
from partload.solvers.registry import Limits, Outcome
from partload.solvers.search_task import met
from partload.solvers.slide.band_capacity import cut_short, plan
from partload.solvers.slide.bounds.knapsack import loosened
from partload.solvers.slide.knapsack import Flags, Knapsack


class _Chosen(NamedTuple):
    """Users who fit, and what they need."""

    users: Flags
    needed: Least


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve an instance within the gap; cut short, it keeps the greedy plan and the bound with fractions."""
    since = time.perf_counter()
    weight, band = instance.arrays.weight, instance.downlink.bandwidth_hz
    best: _Chosen | None = None
    bound, complete = math.fsum(weight.tolist()), True

    def keep(users: Flags, needed: Least, capacity: float) -> None:
        nonlocal best
        fits = total(needed.bandwidth_hz[users].tolist()) <= capacity
        if fits and (best is None or weight[users].sum() > weight[best.users].sum()):
            best = _Chosen(users, needed)

    def work() -> None:
        nonlocal bound, complete
        needed = least.least_bandwidths(instance)
        capacity = band * least.ON_TIME
        keep(Knapsack(weight, needed.bandwidth_hz, capacity).greedy, needed, capacity)
        loose = loosened(instance, needed, limits.gap)
        bound = min(bound, loose.relaxed)
        found = loose.solved()
        bound = min(bound, found.bound)
        keep(found.chosen, needed, capacity)
        if best is not None and met(_value(instance, best.users), bound, limits.gap):
            return
        beyond = least.least_bandwidths(instance, BEYOND).bandwidth_hz
        found = Knapsack(weight, beyond, band * (1 + BEYOND), limits.gap).solved()
        bound, complete = min(bound, found.bound), found.complete
        for slack, room in ((0.0, capacity), (WITHIN, band * (1 + WITHIN))):
            needed = least.least_bandwidths(instance, slack)
            keep(found.chosen, needed, room)
            keep(Knapsack(weight, needed.bandwidth_hz, room, limits.gap).solved().chosen, needed, room)

    cut = cut_short(limits, work)
    with interrupts.held():
        decided = plan(instance, best.needed, np.flatnonzero(best.users)) if best is not None else ()
    value = _value(instance, best.users) if best is not None else 0.0
    unproved: Termination = "tolerance" if complete else "time-limit"
    ended: Termination = "proved" if met(value, bound, limits.gap) else unproved
    return Outcome(decided, bound, cut or ended, solve_s=time.perf_counter() - since)


def _value(instance: Instance, users: Flags) -> float:
    return math.fsum(instance.arrays.weight[users].tolist())
