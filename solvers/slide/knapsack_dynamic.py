"""Weights: a knapsack over least bandwidths, exact or within a gap (problems, SLIDE, fact 3).

A user can be served with any of several models, which looks like a multiple-choice knapsack. But all of them are worth
the same, the user's weight, and nothing else depends on the choice: the one that needs the least bandwidth is never
worse. So each user is one item, with the least bandwidth as its size, and the band is what they have to fit into.

The bound is that of the same knapsack with ``floor_hz`` for sizes and all the tolerance of the band. What is found
there fits the real one, too, unless users miss the band by a part of some 1e-8. Then it is tried with half of the
checker's tolerance on the deadlines, which puts ties right that rounding has broken; at last the real one is solved.
"""

from __future__ import annotations

import math
import time

import numpy as np

from instances.slide import least
from instances.slide.instance import Instance
from instances.slide.least import Least
from instances.solution import Termination
from instances.sums import total
from solvers import interrupts
from solvers.registry import Limits, Outcome
from solvers.slide.admitting import cut_short, plan, refused
from solvers.slide.bounds import loosened
from solvers.slide.knapsack import ROUNDING, Flags, Knapsack

GAPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Gaps to name where weights are refused."""


def lacks(instance: Instance, limits: Limits) -> list[str]:
    """What is in the way of the proof, wishes of the caller that are not covered, and weights that are too fine."""
    missing = refused(limits)
    if missing:
        return missing
    needed = least.least_bandwidths(instance)
    if loosened(instance, needed, limits.gap).fits:
        return []
    enough = next((gap for gap in GAPS if gap > limits.gap and loosened(instance, needed, gap).fits), None)
    hint = "no gap would do" if enough is None else f"gap {enough:g} would do"
    return [f"weights as fine as these at gap {limits.gap:g} ({hint})"]


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve a covered instance within the gap; cut short, it keeps the greedy plan and the bound with fractions."""
    since = time.perf_counter()
    needed: Least | None = None
    chosen = np.zeros(len(instance.users), dtype=bool)
    bound = math.fsum(instance.arrays.weight.tolist())

    def work() -> None:
        nonlocal needed, chosen, bound
        needed = least.least_bandwidths(instance)
        real, most = _real(instance, needed, limits.gap), loosened(instance, needed, limits.gap)
        chosen = real.greedy
        bound = min(bound, most.relaxed[0] * (1 + ROUNDING))
        found, proved = most.solved()
        bound = min(bound, proved)
        if _fit(real, found):
            chosen = found
            return
        late = least.least_bandwidths(instance, least.GRACE)
        if _fit(_real(instance, late, limits.gap), found):
            needed, chosen = late, found
        elif real.fits:
            chosen = real.solved()[0]

    cut = cut_short(limits, work)
    with interrupts.held():
        best = plan(instance, needed, np.flatnonzero(chosen)) if needed is not None else ()
    value = math.fsum(instance.arrays.weight[chosen].tolist())
    proved: Termination = "proved" if bound - value <= max(limits.gap, ROUNDING) * bound else "error"
    return Outcome(best, max(bound, value), cut or proved, solve_s=time.perf_counter() - since)


def _real(instance: Instance, needed: Least, gap: float) -> Knapsack:
    return Knapsack(instance.arrays.weight, needed.bandwidth_hz, instance.downlink.bandwidth_hz * least.ON_TIME, gap)


def _fit(knapsack: Knapsack, chosen: Flags) -> bool:
    return total(knapsack.size[chosen].tolist()) <= knapsack.capacity
