"""What a baseline is: who needs what by its rule, and who of them is served. It proves nothing."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from partload.instances.slide.instance import Instance
from partload.instances.slide.least import ON_TIME, Least, least_bandwidths
from partload.instances.slide.plan import Plan
from partload.solvers.registry import Limits, Outcome
from partload.solvers.slide.band_capacity import cut_short, fitting_in_turn, plan

Rows = NDArray[np.int64]
Serve = Callable[[Instance, Least, np.random.Generator], Plan]


def by_bandwidth(instance: Instance, needed: Least, random: np.random.Generator) -> Plan:
    """The least bandwidth per weight first; who does not fit is passed over."""
    return in_turn(instance, needed, np.argsort(needed.bandwidth_hz / instance.arrays.weight, kind="stable"))


def in_turn(instance: Instance, needed: Least, order: Rows) -> Plan:
    """Users in some order, each on the least bandwidth; who does not fit is passed over."""
    band = instance.downlink.bandwidth_hz * ON_TIME
    return plan(instance, needed, order[fitting_in_turn(needed.bandwidth_hz[order], band)])


@dataclasses.dataclass(frozen=True)
class Baseline:
    """A baseline, as a method; cut short, it serves nobody."""

    need: Callable[[Instance], Least] = least_bandwidths
    serve: Serve = by_bandwidth

    def run(self, instance: Instance, limits: Limits) -> Outcome:
        """Serve whom the rule serves; the seed is that of the limits, 0 if they have none."""
        since = time.perf_counter()
        served: Plan = ()

        def work() -> None:
            nonlocal served
            served = self.serve(instance, self.need(instance), np.random.default_rng(limits.seed or 0))

        cut = cut_short(limits, work)
        return Outcome(served, None, cut or "heuristic-end", solve_s=time.perf_counter() - since)
