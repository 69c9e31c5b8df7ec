"""Bandwidths and speeds of a given provisioning by convex optimization, with verified optimality conditions.

Solving an instance does not need it, since `partload.instances.slide.least_bandwidth` has closed forms. It confirms
these forms independently, solves the problems that have none, and gives multipliers. The mathematics is in
`partload.formulations.slide.bandwidth`.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.formulations.rates import Scale
from partload.formulations.slide.bandwidth import GoalName, KnownProvisioning, Numbers
from partload.instances.channels import ChannelArrays
from partload.instances.slide.frequency import frequency_rule
from partload.instances.slide.instance import Instance, LayerArrays, UserArrays
from partload.instances.slide.plan import Plan
from partload.solvers import convex

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
NO_CHOICE = 1e-9
"""Relative difference of least and greatest speed up to which the speed is fixed."""
BLOCKED = 1e-3
"""Share of the mean multiplier above which a user's rate cannot exceed the level."""
MOST_REFINED = 2000
"""Number of unknowns and multipliers up to which Newton's method takes less than some seconds."""


@dataclasses.dataclass(frozen=True)
class Users:
    """K users who are served, with bits to send to each of them."""

    arrays: UserArrays
    layers: tuple[LayerArrays, ...]
    """Of the model of each."""
    speed: tuple[Floats, ...]
    """A speed near the solution for each layer [FLOP/s], K arrays of shape (L_k,)."""
    one_speed: bool
    """Whether a device keeps one speed for all layers."""

    @classmethod
    def of(cls, instance: Instance, plan: Plan) -> Users:
        """The users of a plan, and its speeds."""
        rows = np.array([instance.user_index[served.user] for served in plan], dtype=np.int64)
        layers = tuple(instance.layers[instance.model_index[served.model]] for served in plan)
        speed = tuple(
            np.broadcast_to(np.array(served.flop_per_s, dtype=float), len(of_model.bits))
            for served, of_model in zip(plan, layers)
        )
        return cls(instance.arrays[rows], layers, speed, frequency_rule(instance).one_speed)

    def __getitem__(self, chosen: Rows) -> Users:
        """The users at some positions."""
        places = chosen.tolist()
        layers, speed = (tuple(column[place] for place in places) for column in (self.layers, self.speed))
        return Users(self.arrays[chosen], layers, speed, self.one_speed)

    @property
    def channel(self) -> ChannelArrays:
        """Their channels."""
        return self.arrays.channel


@dataclasses.dataclass(frozen=True)
class Division:
    """The optimum of one convex problem; columns of shape (K,). Multipliers are in units of the goal.

    The units are hertz for the least bandwidth, seconds times weight for latency, logarithms of rates, or bit/s of the
    least rate.
    """

    bandwidth_hz: Floats
    """b_k."""
    speed: tuple[Floats, ...]
    """f_l of each user [FLOP/s], K arrays of shape (L_k,); a layer without work keeps the given one."""
    blocked: NDArray[np.bool_]
    """Users whose rate cannot exceed the level with goal ``max-min``; all users with the other goals."""
    rate_bps: Floats
    """Rates that the blocked users keep."""
    band_price: float
    """Multiplier of the band, per hertz; NaN for the least bandwidth, which has no band."""
    second_price: Floats
    """Multiplier of the deadline, per second."""
    joule_price: Floats
    """Multiplier of the energy budget, per joule; 0 where there is none."""
    kkt: convex.Residuals


def divide_band(goal: GoalName, users: Users, band_hz: float, near_hz: Floats, what: str) -> Division:
    """Solve the convex problem of a goal for at least one user.

    Parameters
    ----------
    goal, users, band_hz
        The goal, the users and the band; the goal ``least`` uses the band only as a unit.
    near_hz
        Bandwidths near the solution, above 0, shape (K,).
    what
        Name of the problem in errors.

    Raises
    ------
    InputError
        When the solver's answer cannot be verified.
    """
    return convex.verified(lambda near: _Scaled(goal, users, band_hz, near).solve(), near_hz, what)


class _Scaled:
    """One scaled problem, with the users in the order of the blocks."""

    def __init__(self, goal: GoalName, users: Users, band_hz: float, near_hz: Floats) -> None:
        self.goal, self.band_hz, self.given = goal, band_hz, users
        self.scale = Scale.of(users.channel, near_hz, band_hz)
        self.users = users[self.scale.order]
        deadline = self.users.arrays.deadline_s
        worth = {
            "least": self.scale.unit_hz,
            "weighted": self.users.arrays.weight * deadline,
            "proportional": np.ones(len(deadline)),
            "max-min": 1 / self.scale.unit_bps,
        }[goal]
        self.unit_goal = 1 / float(worth.max()) if goal == "max-min" else float(worth.max())
        self.numbers = _numbers(self.users, self.scale, self.scale.unit_hz / band_hz, worth / worth.max())

    def solve(self) -> Division | None:
        """The optimum with its residuals; None when the solver gave up."""
        made = KnownProvisioning(self.goal, self.scale, self.numbers)
        if not convex.run(made.problem):
            return None
        inverse_speeds = [] if made.inverse_speed is None else [made.inverse_speed]
        found = np.concatenate(
            [np.atleast_1d(convex.value(z)) for z in (made.rates.share, *inverse_speeds, *made.extra)]
        )
        worth = convex.multipliers(made.in_time, *made.within, *made.last)
        if len(found) + len(worth) <= MOST_REFINED:
            found, worth, kkt = convex.refined(self._conditions, found, worth)
        else:
            kkt = convex.residuals(self._conditions(found, worth), worth)
        return self._division(found, worth, kkt)

    def _division(self, point: Floats, worth: Floats, kkt: convex.Residuals) -> Division:
        numbers, count = self.numbers, len(self.numbers.part)
        share, inverse_speed = point[:count], point[count : count + len(numbers.shortest)]
        rows, arrays, budgets = len(numbers.user), self.users.arrays, numbers.budgets
        seconds = np.bincount(numbers.user, worth[:rows], count).astype(float)
        joules = np.zeros(count)
        joules[budgets] = worth[rows : rows + len(budgets)] / arrays.energy_budget_j[budgets]
        blocked, rates = np.ones(count), self.scale.rate(share) * self.scale.unit_bps
        band_price = np.nan
        if self.goal == "max-min":
            blocked = (worth[-count:] * numbers.weight > BLOCKED / count).astype(float)
            rates = np.full(count, point[-1] * self.unit_goal)
        if self.goal == "weighted":
            seconds = worth[-count:]
        if self.goal != "least":
            last = {"weighted": count, "proportional": 0, "max-min": count}[self.goal]
            band_price = self.unit_goal * float(worth[len(worth) - 1 - last]) / self.band_hz
        seconds = self.unit_goal * seconds / arrays.deadline_s
        columns = (share * self.scale.unit_hz, blocked, rates, seconds, self.unit_goal * joules)
        bandwidth, blocked, rates, seconds, joules = map(self.scale.back, columns)
        return Division(bandwidth, self._speeds(inverse_speed), blocked > 0, rates, band_price, seconds, joules, kkt)

    def _speeds(self, inverse_speed: Floats) -> tuple[Floats, ...]:
        """Speeds of the users in the order in which they were given."""
        numbers, expected = self.numbers, np.concatenate(self.users.speed)
        chosen = numbers.inverse_speed >= 0
        speed = expected.copy()
        speed[chosen] /= inverse_speed[numbers.inverse_speed[chosen]]
        ends = np.cumsum([len(one) for one in self.users.speed])[:-1]
        own = np.split(speed, ends)
        return tuple(own[place] for place in np.argsort(self.scale.order).tolist())

    def _conditions(self, point: Floats, worth: Floats) -> convex.Conditions:
        """The optimality conditions with the exact rate function; rows in the order of the multipliers.

        Columns are the bandwidths, the inverse speeds and the latencies or the level; rows are the times, the budgets,
        the least and greatest inverse speeds, the band and the constraints of the goal.
        """
        numbers, count, inverse_speeds = self.numbers, len(self.numbers.part), len(self.numbers.shortest)
        share, inverse_speed, extra = np.split(point, [count, count + inverse_speeds])
        rate, slope, bend = self.scale.rate(share), self.scale.slope(share), self.scale.curvature(share)
        longer, longer_yet = -slope / rate**2, 2 * slope**2 / rate**3 - bend / rate**2
        mine, rows = numbers.of_user(), len(numbers.user)
        gradient, curved = np.zeros(len(point)), np.zeros(len(point))
        curved[:count] = longer_yet * np.bincount(numbers.user, worth[:rows] * numbers.bits, count)
        takes = numbers.bits / rate[numbers.user] + numbers.to_the_end @ numbers.fixed_time
        blocks = [
            _Block(takes + numbers.slope @ inverse_speed - 1, mine * (numbers.bits * longer[numbers.user])[:, None])
        ]
        blocks[0].inverse_speed = numbers.slope
        if inverse_speeds:
            price, bounded = numbers.price, numbers.bounded
            curved[count : count + inverse_speeds] = 6 * inverse_speed**-4 * (worth[rows : rows + len(price)] @ price)
            unit = np.eye(inverse_speeds)
            blocks.append(_Block(price @ inverse_speed**-2 - 1, inverse_speed=-2 * price * inverse_speed**-3))
            blocks.append(_Block(numbers.shortest - inverse_speed, inverse_speed=-unit))
            blocks.append(_Block((inverse_speed - numbers.longest)[bounded], inverse_speed=unit[bounded]))
        if self.goal == "least":
            gradient[:count] = numbers.weight
        else:
            blocks.append(_Block(np.atleast_1d(numbers.part @ share - 1), numbers.part[None, :]))
        if self.goal == "weighted":
            gradient[count + inverse_speeds :] = numbers.weight
            blocks[0].values += 1 - mine @ extra
            blocks[0].extra = -mine
            blocks.append(_Block(extra - 1, extra=np.eye(count)))
        elif self.goal == "proportional":
            gradient[:count] = -slope / rate
            curved[:count] += (slope / rate) ** 2 - bend / rate
        elif self.goal == "max-min":
            gradient[-1] = -1.0
            curved[:count] -= bend * worth[-count:]
            blocks.append(_Block(numbers.weight * extra - rate, -np.diag(slope), extra=numbers.weight[:, None]))
        jacobian = np.vstack([block.row(count, inverse_speeds, len(extra)) for block in blocks])
        return convex.Conditions(gradient, np.concatenate([b.values for b in blocks]), jacobian, np.diag(curved))


@dataclasses.dataclass
class _Block:
    """Some rows of the conditions: values, and derivatives by bandwidths, inverse speeds and the rest; None for 0."""

    values: Floats
    share: Floats | None = None
    inverse_speed: Floats | None = None
    extra: Floats | None = None

    def row(self, *columns: int) -> Floats:
        """The derivatives side by side."""
        parts = zip((self.share, self.inverse_speed, self.extra), columns)
        return np.hstack([np.zeros((len(self.values), n)) if part is None else part for part, n in parts])


def _numbers(users: Users, scale: Scale, part: Floats, weight: Floats) -> Numbers:
    """The data of the users in the order of the blocks."""
    arrays = users.arrays
    columns: tuple[list[Floats], ...] = tuple([] for _ in range(6))
    shortest: list[float] = []
    longest: list[float] = []
    for k, (layers, speed) in enumerate(zip(users.layers, users.speed)):
        work = np.divide(layers.work_flop, speed, out=np.zeros(len(speed)), where=layers.work_flop > 0)
        work /= arrays.deadline_s[k]
        energy = arrays.energy_coefficient[k] * layers.work_flop * speed**2 / arrays.energy_budget_j[k]
        least, most = arrays.min_flop_per_s[k], arrays.max_flop_per_s[k]
        works = work > 0
        inverse_speed = np.full(len(work), -1)
        if works.any() and _has_choice(layers.work_flop, arrays, k):
            own = np.zeros(len(work), dtype=int) if users.one_speed else np.cumsum(works) - 1
            inverse_speed[works] = len(shortest) + own[works]
            for first in np.unique(own[works], return_index=True)[1].tolist():
                shortest.append(float(speed[works][first] / most))
                longest.append(float(speed[works][first] / least) if least > 0 else np.inf)
        fixed_time = np.where(inverse_speed < 0, work, 0.0)
        bits = layers.bits / (scale.unit_bps[k] * arrays.deadline_s[k])
        for column, values in zip(columns, (np.full(len(work), k), bits, work, inverse_speed, fixed_time, energy)):
            column.append(values)
    user, bits, work, inverse_speed_of, fixed_time_s, joules = (np.concatenate(column) for column in columns)
    return Numbers(
        user=user.astype(np.int64),
        bits=bits,
        work=work,
        inverse_speed=inverse_speed_of.astype(np.int64),
        fixed_time=fixed_time_s,
        energy=joules,
        shortest=np.array(shortest),
        longest=np.array(longest),
        part=part,
        weight=weight,
    )


def _has_choice(work_flop: Floats, users: UserArrays, k: int) -> bool:
    """Whether a device may choose its speed; not where only one speed is in time and within the budget."""
    work = float(work_flop.sum())
    least, most = float(users.min_flop_per_s[k]), float(users.max_flop_per_s[k])
    if users.energy_coefficient[k] > 0:
        most = min(most, float(np.sqrt(users.energy_budget_j[k] / (users.energy_coefficient[k] * work))))
    return max(least, work / float(users.deadline_s[k])) < most * (1 - NO_CHOICE)
