"""The effect of the checker's tolerance on plans.

A plan is feasible if the checker accepts it, and the checker accepts limits that are exceeded by a relative 1e-9. The
clock divides no more than the band itself. So a plan that is late by very little may be accepted with bandwidths that
use the tolerance of the band, too. And a plan is proved infeasible only if it breaks rules with every limit loosened by
more than the tolerance.
"""

from __future__ import annotations

import dataclasses
import sys
from functools import cached_property

from partload.instances.partial_loading import clock
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.instances.partial_loading.static import decided, with_least_bandwidths
from partload.instances.verdict import BEYOND, TOLERANCE, WITHIN, Report

LARGEST = sys.float_info.max


def loosened(instance: Instance, slack: float) -> Instance:
    """The instance with its band and its deadlines loosened by a part of each; memory is exact and stays."""
    requests = (dataclasses.replace(r, deadline_s=min(r.deadline_s * (1 + slack), LARGEST)) for r in instance.requests)
    band = min(instance.server.bandwidth_hz * (1 + slack), LARGEST)
    return instance.replace(requests=tuple(requests), bandwidth_hz=band)


def stretched(instance: Instance, plan: Plan, slack: float) -> Plan:
    """The same slots with the bandwidths that are best where every limit may be passed by a part of it."""
    wider = loosened(instance, slack)
    if instance.uplink_discipline.one_band:
        return with_least_bandwidths(wider, plan)
    shares = iter(clock.run(wider, decided(wider, plan)).bandwidth_hz.tolist())
    return tuple(dataclasses.replace(slot, bandwidth_hz={k: next(shares) for k in slot.requests}) for slot in plan)


def accepted(instance: Instance, plan: Plan) -> Plan | None:
    """The slots of a plan with bandwidths with which the checker accepts them; None when none are found."""
    tried = decided(instance, plan)
    if check_plan(instance, tried).feasible:
        return tried
    tried = stretched(instance, plan, WITHIN)
    return tried if check_plan(instance, tried).feasible else None


@dataclasses.dataclass(frozen=True)
class Beyond:
    """The verdict on slots with limits loosened by just more than the checker's tolerance."""

    instance: Instance

    @cached_property
    def judge(self) -> Instance:
        """The instance on which the checker, with its tolerance, allows for ``BEYOND`` and a little more."""
        return loosened(self.instance, 2 * (BEYOND - TOLERANCE))

    def report(self, plan: Plan) -> Report[clock.Times]:
        """The verdict on slots. If they break rules here, they do with every division of the band."""
        return check_plan(self.judge, stretched(self.instance, plan, BEYOND))
