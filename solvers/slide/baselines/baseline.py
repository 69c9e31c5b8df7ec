"""A baseline: a rule for what each user needs, and a rule for which users are served. It proves nothing."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from partload.instances.slide.frequency import least_bandwidths
from partload.instances.slide.instance import Instance
from partload.instances.slide.least_bandwidth import LIMIT_FACTOR, LeastBandwidths
from partload.instances.slide.plan import Plan
from partload.solvers.registry import Limits, Outcome
from partload.solvers.slide.band_capacity import fit_in_turn, plan_for, run_limited

Rows = NDArray[np.int64]
Serve = Callable[[Instance, LeastBandwidths, np.random.Generator], Plan]
"""Makes a plan from what each user needs."""


def by_bandwidth(instance: Instance, needed: LeastBandwidths, random: np.random.Generator) -> Plan:
    """Users by least bandwidth per weight; a user who does not fit is skipped."""
    return in_turn(instance, needed, np.argsort(needed.bandwidth_hz / instance.arrays.weight, kind="stable"))


def in_turn(instance: Instance, needed: LeastBandwidths, order: Rows) -> Plan:
    """Users in some order, each with the least bandwidth; a user who does not fit is skipped."""
    band = instance.downlink.bandwidth_hz * LIMIT_FACTOR
    return plan_for(instance, needed, order[fit_in_turn(needed.bandwidth_hz[order], band)])


@dataclasses.dataclass(frozen=True)
class Baseline:
    """A baseline, as a method; cut short, it serves nobody."""

    need: Callable[[Instance], LeastBandwidths] = least_bandwidths
    serve: Serve = by_bandwidth

    def run(self, instance: Instance, limits: Limits) -> Outcome:
        """Serve the users that the rules choose; the seed is that of the limits, 0 if they have none."""
        since = time.perf_counter()
        served: Plan = ()

        def work() -> None:
            nonlocal served
            served = self.serve(instance, self.need(instance), np.random.default_rng(limits.seed or 0))

        cut = run_limited(limits, work)
        return Outcome(served, None, cut or "heuristic-end", solve_s=time.perf_counter() - since)
