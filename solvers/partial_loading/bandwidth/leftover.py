"""Uses for the bandwidth that a plan leaves over: least weighted upload time, proportional fairness, or max-min rates.

Who is served and in which slot stays; only the division of the band changes, and every deadline is still met. The
mathematics is in `partload.formulations.partial_loading.bandwidth.goals`. *max-min* is progressive filling: make the
least rate as large as possible, fix the requests that cannot have more, and repeat with the others.

The solver's point meets its constraints to 1e-9 or so, not to the last digit. The plan's own division is feasible, and
the constraints are convex, so a mixture of both is feasible when it holds enough of the latter. The smallest part with
which the checker accepts is taken.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.formulations.goals import GoalName
from partload.formulations.partial_loading.bandwidth.goals import Numbers, goal_problem
from partload.formulations.rates import Scale
from partload.instances.allocation import constant_bandwidths
from partload.instances.channels import bandwidth_for_rate, rate
from partload.instances.errors import InputError
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.solvers import convex
from partload.solvers.partial_loading.bandwidth.slack import Slack, slack_of

Floats = NDArray[np.float64]
Chosen = NDArray[np.bool_]
OWN_PARTS = (0.0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
"""Parts of the plan's own division in the mixture, in the order in which they are tried."""
ROUNDS = 10
"""Rounds of ``_expected``; what is still far off then is put right by solving again in the units of the solution."""
BLOCKED = 1e-3
"""Part of the mean multiplier from which on a request is blocked: a multiplier above 0 says that its rate is the level
in every optimal solution, and those of the others are below the solver's accuracy."""


@dataclasses.dataclass(frozen=True)
class LeftOver:
    """A plan with another division of its band."""

    plan: Plan
    bandwidth_hz: Floats
    """b_k of the convex problem, requests in the order of the slots, shape (K,); 0 for those without bits."""
    own_part: float
    """How much of the plan's own division was mixed into ``plan``; 1 when nothing else was accepted."""
    band_price: Floats
    """What one more hertz of a slot's band is worth, shape (N,), in units of the goal per hertz: seconds times weight,
    log of rates, or bit/s of the least rate. Not a number for a slot without freedom."""
    time_price: Floats
    """What one more second for a slot's uploads is worth, in units of the goal per second, shape (N,); likewise."""
    kkt: convex.Residuals
    """Of the convex problem; of the worst one with max-min."""


@dataclasses.dataclass(frozen=True)
class Division:
    """The optimum of one convex problem, for the K requests that take part in it and the N slots of the plan."""

    bandwidth_hz: Floats
    """b_k, shape (K,)."""
    blocked: Chosen
    """max-min: whose rate cannot be above the level; with the other goals, everybody; shape (K,)."""
    rate_bps: Floats
    """Rates that the blocked keep, shape (K,)."""
    band_price: Floats
    """As in ``LeftOver``."""
    time_price: Floats
    """As in ``LeftOver``."""
    kkt: convex.Residuals


def use_left_over(instance: Instance, plan: Plan, goal: GoalName) -> LeftOver:
    """Divide the band of a feasible plan for another goal than the least upload time.

    Raises
    ------
    InputError
        When the plan is not feasible, naming the rule, the request and by how much; when requests arrive after time 0,
        which the convex problem does not cover; when the solver's answer cannot be verified.
    """
    if instance.arrays.arrivals:
        raise InputError("does not cover arrivals 'some'", source=f"bandwidth {goal!r}")
    report = check_plan(instance, plan)
    if report.times is None or not report.feasible:
        problem = f"expected a feasible plan, {report.violations[0]}"
        raise InputError(problem, source=f"bandwidth {goal!r}")
    own = report.times.bandwidth_hz
    slack = slack_of(instance, plan)
    first, worst, bandwidth = None, convex.EXACT, own.copy()
    while (free := slack.free()).any():
        found = best_division(goal, slack, free, bandwidth)
        first, worst = first or found, max(worst, found.kkt, key=lambda kkt: kkt.worst)
        bandwidth[free] = found.bandwidth_hz
        settled = np.flatnonzero(free)[found.blocked]
        bandwidth[settled] = np.minimum(
            bandwidth[settled], bandwidth_for_rate(slack.channel[settled], found.rate_bps[found.blocked])
        )
        slack = slack.without(settled, bandwidth)
    none = np.full(len(plan), np.nan)
    band_price, time_price = (none, none) if first is None else (first.band_price, first.time_price)
    decided, part = _accepted(instance, plan, bandwidth, own)
    return LeftOver(decided, bandwidth, part, band_price, time_price, worst)


def best_division(goal: GoalName, slack: Slack, free: Chosen, current_hz: Floats) -> Division:
    """Solve one convex problem: the bandwidths of the free requests, K of them.

    Parameters
    ----------
    goal, slack
        What for, and what there is.
    free
        Who takes part, shape of the columns of ``slack``; some of ``slack.free()``.
    current_hz
        Bandwidths to begin with, of all requests.

    Raises
    ------
    InputError
        When the solver's answer cannot be verified.
    """
    expected = _expected(goal, slack, free, current_hz)
    return convex.verified(lambda near_hz: _solved(goal, slack, free, near_hz), expected, f"bandwidth {goal!r}")


def _expected(goal: GoalName, slack: Slack, free: Chosen, current_hz: Floats) -> Floats:
    """Bandwidths near the best: what the goal gives to flat channels as good as these are at such bandwidths."""
    channel, bits, band = slack.channel[free], slack.bits[free], slack.band_of[slack.slot[free]]
    latest = (slack.base_s + slack.wait_s)[slack.slot[free]]
    bandwidth = current_hz[free]
    for _ in range(ROUNDS):
        efficiency = rate(channel, bandwidth) / bandwidth
        wanted = {
            "weighted": np.sqrt(slack.weight[free] * bits / efficiency),
            "proportional": np.ones(len(bits)),
            "max-min": 1 / efficiency,
        }[goal]
        bandwidth = wanted * (slack.band_hz / np.bincount(band, wanted, len(slack.band_hz)).clip(1e-300))[band]
    return np.maximum(bandwidth, constant_bandwidths(channel, bits, latest))


def _solved(goal: GoalName, slack: Slack, free: Chosen, near_hz: Floats) -> Division | None:
    """Solve the problem of the free requests in units near these bandwidths, and verify it."""
    scale = Scale.of(slack.channel[free], near_hz, float(slack.band_hz.max()))
    slot = slack.slot[free][scale.order]
    scaled = _Scaled(goal, slack, scale, slot, slack.bits[free][scale.order], slack.weight[free][scale.order])
    if not convex.run(scaled.made.problem):
        return None
    return scaled.optimum(len(slack.floor_s))


class _Scaled:
    """One problem in its units: the numbers it is given, its optimality conditions, and what they mean in our units.

    Requests stand in the order of the blocks; ``slot`` has the slot of each.
    """

    def __init__(
        self, goal: GoalName, slack: Slack, scale: Scale, slot: NDArray[np.int64], bits: Floats, weight: Floats
    ) -> None:
        self.goal, self.scale, self.slot = goal, scale, slot
        upload = bits / scale.unit_bps
        longest = np.zeros(len(slack.base_s))
        np.maximum.at(longest, slot, upload)
        unit_s = np.clip(longest, slack.base_s, slack.base_s + slack.wait_s)
        """Unit of time of each slot: of the uploads expected, as far as they fit."""
        self.unit_s = unit_s[slot]
        band = slack.band_of[slot]
        waiting = np.unique(slot[slack.wait_s[slot] > 0])
        spare, unit_wait = slack.wait_s[waiting], np.minimum(slack.wait_s, unit_s)
        before = np.append(0.0, spare[:-1])
        worth = {"weighted": weight * upload, "proportional": np.ones(1), "max-min": 1 / scale.unit_bps}[goal]
        self.unit_goal = float(worth.max()) if goal == "weighted" else 1 / float(worth.max())
        self.numbers = Numbers(
            part=scale.unit_hz / slack.band_hz[band],
            need=upload / self.unit_s,
            base=slack.base_s[slot] / self.unit_s,
            stretch=unit_wait[slot] / self.unit_s,
            used=unit_wait[waiting] / spare,
            spent_before=before / spare,
            weight=worth / worth.max(),
        )
        self.band_hz, self.waiting = slack.band_hz[band], len(waiting)
        self.spent: Floats = np.tril(np.outer(1 / spare, unit_wait[waiting]))
        """Part of the time to spare that each wait uses up of each slot's, in units of the wait, shape (W, W)."""
        names, bands = (tuple(np.unique(column, return_inverse=True)[1].tolist()) for column in (slot, band))
        local = tuple(np.unique(np.array(names)[np.isin(slot, waiting)]).tolist())
        self.made = goal_problem(goal, scale.shape, names, bands, local)
        self.made.set(scale, self.numbers)

    def optimum(self, slots: int) -> Division:
        """What the solver found, with prices for each of so many slots."""
        made, count, bands = self.made, len(self.slot), len(self.made.member)
        waits = [made.wait] if self.waiting else []
        level = [made.level] if self.goal == "max-min" else []
        found = np.concatenate([np.atleast_1d(convex.value(z)) for z in (made.rates.share, *waits, *level)])
        rows = [made.in_band, made.in_time, *([made.patience, made.to_spare] if waits else [])]
        rows += [made.at_least] if level else []
        point, worth, kkt = convex.refined(self._conditions, found, convex.multipliers(*rows))
        share, in_band, in_time = point[:count], worth[:bands], worth[bands : bands + count]
        band_price, time_price = np.full(slots, np.nan), np.full(slots, np.nan)
        band_price[self.slot] = self.unit_goal * (made.member.T @ in_band) / self.band_hz
        time_price[self.slot] = np.bincount(self.slot, self.unit_goal * in_time / self.unit_s)[self.slot]
        blocked, rates = np.ones(count), self.scale.rate(share) * self.scale.unit_bps
        if level:
            blocked = (worth[-count:] * self.numbers.weight > BLOCKED / count).astype(float)
            rates = np.full(count, point[-1] * self.unit_goal)
        bandwidth, blocked, rates = map(self.scale.back, (share * self.scale.unit_hz, blocked, rates))
        return Division(bandwidth, blocked > 0, rates, band_price, time_price, kkt)

    def _conditions(self, point: Floats, worth: Floats) -> convex.Conditions:
        """The optimality conditions, with the rate itself.

        Columns are the bandwidths, the waits and, with max-min, the level; rows are the bands, the times, waits >= 0,
        the time to spare and, with max-min, the least rates.
        """
        made, numbers, count, slots = self.made, self.numbers, len(self.slot), self.waiting
        share, wait = point[:count], point[count : count + slots]
        rate, slope, bend = self.scale.rate(share), self.scale.slope(share), self.scale.curvature(share)
        longer, longer_yet = -slope / rate**2, 2 * slope**2 / rate**3 - bend / rate**2
        in_time = worth[len(made.member) : len(made.member) + count]
        gradient, curved = np.zeros(len(point)), numbers.need * longer_yet * in_time
        values = [
            made.member @ (numbers.part * share) - 1,
            numbers.need / rate - numbers.base - numbers.stretch * (made.patient @ wait),
            -wait,
            self.spent @ wait - 1,
        ]
        jacobian = [
            [made.member * numbers.part, np.zeros((len(made.member), slots))],
            [np.diag(numbers.need * longer), -numbers.stretch[:, None] * made.patient],
            [np.zeros((slots, count)), -np.eye(slots)],
            [np.zeros((slots, count)), self.spent],
        ]
        if self.goal == "weighted":
            gradient[:count] = numbers.weight * longer
            curved += numbers.weight * longer_yet
        elif self.goal == "proportional":
            gradient[:count] = -slope / rate
            curved += (slope / rate) ** 2 - bend / rate
        else:
            gradient[-1] = -1.0
            curved -= bend * worth[-count:]
            jacobian = [[*row, np.zeros((len(row[0]), 1))] for row in jacobian]
            jacobian.append([-np.diag(slope), np.zeros((count, slots)), numbers.weight[:, None]])
            values.append(numbers.weight * point[-1] - rate)
        hessian = np.diag(np.append(curved, np.zeros(len(point) - count)))
        return convex.Conditions(gradient, np.concatenate(values), np.block(jacobian), hessian)


def _accepted(instance: Instance, plan: Plan, wanted_hz: Floats, own_hz: Floats) -> tuple[Plan, float]:
    """The plan with the bandwidths wanted, and as little of its own mixed in as the checker asks for."""
    for part in OWN_PARTS:
        share = iter(((1 - part) * wanted_hz + part * own_hz).tolist())
        decided = tuple(
            dataclasses.replace(slot, bandwidth_hz={name: next(share) for name in slot.requests}) for slot in plan
        )
        if check_plan(instance, decided).feasible:
            return decided, part
    return plan, 1.0
