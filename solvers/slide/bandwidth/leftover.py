"""The leftover bandwidth of a plan, divided for least weighted latency, proportional fairness, or max-min rates.

Users served and their models stay; only bandwidths and speeds change, and all deadlines and budgets are kept. The
mathematics is in `partload.formulations.slide.bandwidth`. *max-min* is progressive filling: the least rate is made as
large as possible, users who cannot have more keep it, and the others share what is left.

A device with one speed takes the greatest that its budget allows, which ends earliest at any rate. With a speed for
each layer and a budget, speeds are those of the convex problem.

The solver meets constraints to about 1e-9 only. So the result is a convex combination with the plan of least
bandwidths, which is feasible, with the smallest share of it that the checker accepts. The feasible set is convex in
bandwidths and reciprocals of speeds, so such a share exists.
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
from partload.instances.slide.provisioning import plan_of
from partload.solvers import convex
from partload.solvers.slide.bandwidth.convex import Division, Users, divide_band

Floats = NDArray[np.float64]
LEAST_SHARES = (0.0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
"""Shares of the plan of least bandwidths in the combination; the first that the checker accepts is taken."""
ROUNDS = 10
"""Rounds of ``_expected``; a scale that is still far off is corrected by solving again in units of the solution."""
LEAST_LEFTOVER = 1e-6
"""Share of the band below which the leftover is not divided."""


@dataclasses.dataclass(frozen=True)
class LeftOver:
    """A plan with a new division of the band; columns for its users in order, shape (K,)."""

    plan: Plan
    bandwidth_hz: Floats
    """b_k of the convex problem; 0 for those without bits."""
    own_part: float
    """Share of the plan of least bandwidths in ``plan``."""
    band_price: float
    """Multiplier of the band, per hertz, in units of the goal: seconds times weight, log of rates, or bit/s of the
    least rate. NaN when nothing was left."""
    second_price: Floats
    """Multipliers of the deadlines, per second, likewise."""
    joule_price: Floats
    """Multipliers of the energy budgets, per joule, likewise."""
    kkt: convex.Residuals
    """Residuals of the convex problem; of the worst one with max-min."""


def use_left_over(instance: Instance, plan: Plan, goal: GoalName) -> LeftOver:
    """Divide the whole band among the users of a feasible plan for a goal.

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
    while len(free) and least[free].sum() < band * (1 - LEAST_LEFTOVER):
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
    """The same users and models with least bandwidths; the plan itself where rounding makes that infeasible."""
    own = plan_of(instance, [(served.user, served.model) for served in plan])
    return own if check_plan(instance, own).feasible else plan


def _best(goal: GoalName, users: Users, band_hz: float, least_hz: Floats) -> Division:
    near = _expected(goal, users, band_hz, least_hz)
    return divide_band(goal, users, band_hz, near, f"bandwidth {goal!r}")


def _expected(goal: GoalName, users: Users, band_hz: float, least_hz: Floats) -> Floats:
    """Bandwidths near the optimum: that of flat channels with the efficiencies at these bandwidths, repeated."""
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
    """The wanted plan, combined with the smallest share of the plan of least bandwidths that the checker accepts."""
    least = np.array([served.bandwidth_hz for served in own])
    for part in LEAST_SHARES:
        share = ((1 - part) * wanted_hz + part * least).tolist()
        mixed = tuple(
            dataclasses.replace(served, bandwidth_hz=bandwidth, flop_per_s=_speed(served.flop_per_s, speed, part))
            for served, bandwidth, speed in zip(own, share, wanted_speed)
        )
        if check_plan(instance, mixed).feasible:
            return mixed, part
    return plan, 1.0


def _speed(own: float | tuple[float, ...], wanted: Floats, part: float) -> float | tuple[float, ...]:
    """Speeds whose reciprocals are combined; a device with one speed keeps it, the greatest allowed."""
    if not isinstance(own, tuple):
        return own
    mixed = np.array(own)
    other = wanted != mixed
    mixed[other] = 1 / ((1 - part) / wanted[other] + part / mixed[other])
    return tuple(mixed.tolist())
