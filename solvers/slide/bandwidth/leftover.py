"""Bandwidth that a plan leaves over, put to use: least weighted latency, proportional fairness, or max-min rates.

Who is served with which model stays; only bandwidths and speeds change, and every deadline and budget is still kept.
The mathematics is in `partload.formulations.slide.bandwidth`. *max-min* fills up progressively: the least rate is made
as large as possible, those who cannot have more keep it, and the others go on with what is left.

Speeds: a device with one speed takes the greatest that its budget allows, which ends earliest at any rate. With one
speed for each layer and a budget, they are those of the convex problem.

The solver's point meets its constraints to 1e-9 or so, not to the last digit. So a trace of the plan on least
bandwidths, which is feasible, is mixed in, as little as makes the checker accept; the problem being convex in
bandwidths and the reciprocals of speeds, it always can.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.formulations.goals import GoalName
from partload.instances.channels import bandwidth_for_rate, rate
from partload.instances.errors import InputError
from partload.instances.slide.checker import check_plan
from partload.instances.slide.instance import Instance
from partload.instances.slide.plan import Plan
from partload.instances.slide.provisioning import decided
from partload.solvers import convex
from partload.solvers.slide.bandwidth.convex import Division, Users, divided

Floats = NDArray[np.float64]
OWN_PARTS = (0.0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
"""How much of the plan on least bandwidths to mix in: the first with which the checker accepts."""
ROUNDS = 10
"""Rounds of ``_expected``; what is still far off then is put right by solving again in the units of the solution."""
SPARE = 1e-6
"""Part of the band below which nothing is left to be divided."""


@dataclasses.dataclass(frozen=True)
class LeftOver:
    """A plan with its band divided anew; columns for its users in order, shape (K,)."""

    plan: Plan
    bandwidth_hz: Floats
    """b_k of the convex problem; 0 for those without bits."""
    own_part: float
    """How much of the plan on least bandwidths was mixed into ``plan``."""
    band_price: float
    """What one more hertz of the band is worth, in units of the goal: seconds times weight, log of rates, or bit/s of
    the least rate. Not a number when nothing was left to be divided."""
    second_price: Floats
    """What one more second until the deadline is worth; likewise."""
    joule_price: Floats
    """What one more joule in the budget is worth; likewise."""
    kkt: convex.Residuals
    """Of the convex problem; of the worst one with max-min."""


def use_left_over(instance: Instance, plan: Plan, goal: GoalName) -> LeftOver:
    """Divide the band among the users of a feasible plan for a goal.

    Raises
    ------
    InputError
        When the plan is not feasible, naming the rule, the user and by how much; when the solver's answer cannot be
        verified.
    """
    report = check_plan(instance, plan)
    if report.times is None or not report.feasible:
        problem = f"expected a feasible plan, {report.violations[0]}"
        raise InputError(problem, source=f"bandwidth {goal!r}")
    own = _on_least(instance, plan)
    least = np.array([served.bandwidth_hz for served in own])
    users, band = Users.of(instance, own), instance.downlink.bandwidth_hz
    bandwidth, speed = least.copy(), list(users.speed)
    seconds, joules = np.full((2, len(own)), np.nan)
    band_price, worst = np.nan, convex.EXACT
    free = np.flatnonzero(least > 0)
    while len(free) and least[free].sum() < band * (1 - SPARE):
        found = _best(goal, users[free], band, least[free])
        if np.isnan(band_price):
            band_price = found.band_price
            seconds[free], joules[free] = found.second_price, found.joule_price
        worst = max(worst, found.kkt, key=lambda kkt: kkt.worst)
        bandwidth[free] = found.bandwidth_hz
        for k, chosen in zip(free.tolist(), found.speed):
            speed[k] = chosen
        settled = free[found.blocked]
        kept = bandwidth_for_rate(users.channel[settled], found.rate_bps[found.blocked])
        bandwidth[settled] = np.minimum(bandwidth[settled], kept)
        band -= bandwidth[settled].sum()
        free = free[~found.blocked]
    decision, part = _accepted(instance, plan, own, bandwidth, speed)
    return LeftOver(decision, bandwidth, part, band_price, seconds, joules, worst)


def _on_least(instance: Instance, plan: Plan) -> Plan:
    """The same users and models on least bandwidths; the plan itself where rounding makes that infeasible."""
    own = decided(instance, [(served.user, served.model) for served in plan])
    return own if check_plan(instance, own).feasible else plan


def _best(goal: GoalName, users: Users, band_hz: float, least_hz: Floats) -> Division:
    near = _expected(goal, users, band_hz, least_hz)
    return divided(goal, users, band_hz, near, f"bandwidth {goal!r}")


def _expected(goal: GoalName, users: Users, band_hz: float, least_hz: Floats) -> Floats:
    """Bandwidths near the best: what the goal gives to flat channels as good as these are at such bandwidths."""
    bits = np.array([layers.bits[-1] for layers in users.layers])
    bandwidth = least_hz
    for _ in range(ROUNDS):
        efficiency = rate(users.channel, bandwidth) / bandwidth
        wanted = {
            "weighted": np.sqrt(users.arrays.weight * bits / efficiency),
            "proportional": np.ones(len(bits)),
            "max-min": 1 / efficiency,
        }[goal]
        bandwidth = wanted * band_hz / wanted.sum()
    return np.maximum(bandwidth, least_hz)


def _accepted(
    instance: Instance, plan: Plan, own: Plan, wanted_hz: Floats, wanted_speed: list[Floats]
) -> tuple[Plan, float]:
    """The plan with what is wanted, and as little of the own mixed in as the checker asks for."""
    least = np.array([served.bandwidth_hz for served in own])
    for part in OWN_PARTS:
        share = ((1 - part) * wanted_hz + part * least).tolist()
        mixed = tuple(
            dataclasses.replace(served, bandwidth_hz=bandwidth, flop_per_s=_speed(served.flop_per_s, speed, part))
            for served, bandwidth, speed in zip(own, share, wanted_speed)
        )
        if check_plan(instance, mixed).feasible:
            return mixed, part
    return plan, 1.0


def _speed(own: float | tuple[float, ...], wanted: Floats, part: float) -> float | tuple[float, ...]:
    """Speeds whose reciprocals are mixed; one speed is the greatest allowed, and stays."""
    if not isinstance(own, tuple):
        return own
    mixed = np.array(own)
    other = wanted != mixed
    mixed[other] = 1 / ((1 - part) / wanted[other] + part / mixed[other])
    return tuple(mixed.tolist())
