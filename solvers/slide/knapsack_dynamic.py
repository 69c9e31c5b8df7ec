"""A knapsack over least bandwidths, exact for any weights (problems, SLIDE, fact 3).

Several models may serve a user, as in a multiple-choice knapsack. But all of them give the same weight, the user's, and
nothing else depends on the choice, so the model with the least bandwidth is never worse. Each user is one item, with
the least bandwidth as its size; the band is the capacity.

The bound is that of the same knapsack with ``floor_hz`` as sizes and a band enlarged beyond the checker's tolerance.
Its solution also fits the real band, unless users miss the band, or a deadline, by less than about 1e-8. Then both are
solved again: the bound just beyond the checker's tolerance, the plan just within.
"""

from __future__ import annotations

import math
import time
from typing import NamedTuple

import numpy as np

from partload.instances.slide.frequency import least_bandwidths
from partload.instances.slide.instance import Instance
from partload.instances.slide.least_bandwidth import LIMIT_FACTOR, LeastBandwidths
from partload.instances.solution import Termination
from partload.instances.sums import total
from partload.instances.verdict import BEYOND, WITHIN
from partload.solvers import interrupts
from partload.solvers.exact.task import met
from partload.solvers.registry import Limits, Outcome
from partload.solvers.slide.band_capacity import plan_for, run_limited
from partload.solvers.slide.bounds.knapsack import relaxed_knapsack
from partload.solvers.slide.knapsack import Flags, Knapsack


class _Chosen(NamedTuple):
    """Users who fit together, and what all users need."""

    users: Flags
    needed: LeastBandwidths


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve an instance within the gap; cut short, it keeps the greedy plan and the bound of the relaxation."""
    since = time.perf_counter()
    weight, band = instance.arrays.weight, instance.downlink.bandwidth_hz
    best: _Chosen | None = None
    bound, complete = math.fsum(weight.tolist()), True

    def keep(users: Flags, needed: LeastBandwidths, capacity: float) -> None:
        nonlocal best
        fits = total(needed.bandwidth_hz[users].tolist()) <= capacity
        if fits and (best is None or weight[users].sum() > weight[best.users].sum()):
            best = _Chosen(users, needed)

    def work() -> None:
        nonlocal bound, complete
        needed = least_bandwidths(instance)
        capacity = band * LIMIT_FACTOR
        keep(Knapsack(weight, needed.bandwidth_hz, capacity).greedy, needed, capacity)
        relaxed = relaxed_knapsack(instance, needed, limits.gap)
        bound = min(bound, relaxed.upper_bound)
        found = relaxed.solve()
        bound = min(bound, found.bound)
        keep(found.chosen, needed, capacity)
        if best is not None and met(_value(instance, best.users), bound, limits.gap):
            return
        beyond = least_bandwidths(instance, BEYOND).bandwidth_hz
        found = Knapsack(weight, beyond, band * (1 + BEYOND), limits.gap).solve()
        bound, complete = min(bound, found.bound), found.complete
        for slack, limit in ((0.0, capacity), (WITHIN, band * (1 + WITHIN))):
            needed = least_bandwidths(instance, slack)
            keep(found.chosen, needed, limit)
            keep(Knapsack(weight, needed.bandwidth_hz, limit, limits.gap).solve().chosen, needed, limit)

    cut = run_limited(limits, work)
    with interrupts.held():
        plan = plan_for(instance, best.needed, np.flatnonzero(best.users)) if best is not None else ()
    value = _value(instance, best.users) if best is not None else 0.0
    unproved: Termination = "tolerance" if complete else "time-limit"
    ended: Termination = "proved" if met(value, bound, limits.gap) else unproved
    return Outcome(plan, bound, cut or ended, solve_s=time.perf_counter() - since)


def _value(instance: Instance, users: Flags) -> float:
    return math.fsum(instance.arrays.weight[users].tolist())
