"""What each user needs at least: the speed, the rate, the bandwidth, and the model that needs least of it.

With one speed per device the energy budget alone fixes it, f* = min(f_max, sqrt(E / (kappa W))), and the least rate is
that of the envelope (problems, SLIDE, facts 2 and 3). A user's channel is the same for all models, so the model with
the least rate has the least bandwidth, and the rate is inverted once for each user.

Users go through in pieces that stay in the processor's cache, a model at a time: there is no loop over users.

Limits hold within a tolerance for the checker, so there are two answers. ``rate_bps`` and ``bandwidth_hz`` are those of
the equations: plans are made with them. ``floor_hz`` allows for more than all that the tolerance on deadline, speed and
energy could save: with less no plan is feasible, and bounds are made with it. Where the two differ in who can be
served, both are asked for again with a *slack*, which loosens every limit: ``WITHIN`` the checker's tolerance for the
plan, just ``BEYOND`` it for the bound.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from partload.instances.channels import SMALLEST, ChannelArrays, bandwidth_for_rate, rate
from partload.instances.slide.clock import TINY, affordable_speeds
from partload.instances.slide.envelope import Envelope
from partload.instances.slide.instance import Instance, LayerArrays, UserArrays
from partload.instances.slide.per_layer import Devices, least_energy, least_rate
from partload.instances.slide.staircase import Staircase
from partload.instances.verdict import TOLERANCE

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
ON_TIME = 1 + TOLERANCE / 2
"""Half of the checker's tolerance: the rest is for sums in another order than the clock's."""
ROOM = 3 * TOLERANCE
"""A part of the deadline: twice the tolerance is worth as much as that of deadline, speed and energy together."""
ROUNDED = 1 + 1e-12
"""Factor for the rounding of sums over layers."""
LARGEST = float(np.finfo(float).max)
PIECE = 1 << 15
"""Users whose columns are worked on at a time."""


@dataclasses.dataclass(frozen=True)
class Need:
    """What one model needs to serve each of some users, columns of shape (K,); infinite rates where it cannot."""

    flop_per_s: Floats
    rate_bps: Floats
    floor_bps: Floats
    """A rate below which no plan that the checker accepts serves the user with this model."""


Shape = TypeVar("Shape")
"""What is known of a model's layers: an envelope or a staircase."""
Rule = Callable[[Shape, UserArrays], Need]
"""From a model and users to what it needs."""


@dataclasses.dataclass(frozen=True)
class Least:
    """What each of K users needs, with the model that needs least; columns of shape (K,)."""

    model: Rows
    """Position of the model; -1 where none serves the user at any bandwidth."""
    flop_per_s: Floats
    """f*, at that model."""
    rate_bps: Floats
    """r_min; infinite where there is no model."""
    bandwidth_hz: Floats
    """Infinite where there is no model, or where the rate is beyond the channel's ceiling."""
    floor_hz: Floats
    """A bandwidth below which no plan that the checker accepts serves the user; infinite where none does."""

    def speeds(self, users: Rows) -> Sequence[float | tuple[float, ...]]:
        """The speeds of some users as a plan states them."""
        speeds: list[float] = self.flop_per_s[users].tolist()
        return speeds


@dataclasses.dataclass(frozen=True)
class LeastByLayers(Least):
    """The same where layers have speeds of their own; ``flop_per_s`` is what one speed would be."""

    users: UserArrays
    staircases: Sequence[Staircase]
    """Of each model."""

    def speeds(self, users: Rows) -> Sequence[float | tuple[float, ...]]:
        """Those of least energy at the least rates, a tuple for each user; see ``least_energy``."""
        found: list[tuple[float, ...]] = [()] * len(users)
        for i in np.unique(self.model[users]).tolist():
            rows = np.flatnonzero(self.model[users] == i)
            chosen = users[rows]
            devices = Devices.of(self.users[chosen])
            with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
                speeds = least_energy(self.staircases[i], devices, self.rate_bps[chosen])
            # Of numbers whose squares are beyond all doubles there is one speed; the checker judges.
            speeds = np.where(np.isnan(speeds), self.flop_per_s[chosen, np.newaxis], speeds)
            for row, of_layers in zip(rows.tolist(), speeds.tolist()):
                found[row] = tuple(of_layers)
        return found


def least_bandwidths(instance: Instance, slack: float = 0.0) -> Least:
    """Speeds, least rate, least bandwidth and best model of every user; of equal models the first in the instance.

    Parameters
    ----------
    instance
        Where devices may have a speed for each layer and users have energy budgets, these are spent layer by layer.
    slack
        Part by which deadlines, speeds and energy may pass their limits.
    """
    if instance.frequency == "per-device" or not np.isfinite(instance.arrays.energy_budget_j).any():
        return best(instance, one_speed, Envelope.of, slack=slack)
    found = best(instance, by_layers, both, slack=slack)
    staircases = [Staircase.of(layers) for layers in instance.layers]
    return LeastByLayers(**vars(found), users=loosened(instance.arrays, slack), staircases=staircases)


def both(layers: LayerArrays) -> tuple[Staircase, Envelope]:
    """What a model needs with a speed for each layer, and with one speed."""
    return Staircase.of(layers), Envelope.of(layers)


def by_layers(model: tuple[Staircase, Envelope], users: UserArrays) -> Need:
    """The rates with the speeds of least energy, and f* (problems, SLIDE, fact 5).

    One speed is never better. Where it seems so, numbers are at the end of all doubles, and its rate counts.
    """
    staircase, envelope = model
    devices, alike = Devices.of(users), one_speed(envelope, users)
    rate = np.fmin(least_rate(staircase, devices), alike.rate_bps)
    loose = dataclasses.replace(
        devices, deadline_s=devices.deadline_s * (1 + ROOM), min_flop_per_s=devices.min_flop_per_s * (1 - 2 * ROOM)
    )
    return Need(alike.flop_per_s, rate, np.fmin(least_rate(staircase, loose), alike.floor_bps))


def one_speed(envelope: Envelope, users: UserArrays) -> Need:
    """The greatest speed that the energy budget allows, and the rate that it takes (problems, SLIDE, fact 2)."""
    if not np.isfinite(users.energy_budget_j).any():
        return at_speed(envelope, users, users.max_flop_per_s)
    speed = np.minimum(
        users.max_flop_per_s, affordable_speeds(users.energy_budget_j, users.energy_coefficient, envelope.work_flop)
    )
    need = at_speed(envelope, users, speed)
    if not users.min_flop_per_s.any():
        return need
    rate = np.where(speed < users.min_flop_per_s / ROUNDED, np.inf, need.rate_bps)
    floor = np.where(speed < users.min_flop_per_s * (1 - ROOM), np.inf, need.floor_bps)
    return Need(speed, rate, floor)


def at_speed(envelope: Envelope, users: UserArrays, flop_per_s: Floats) -> Need:
    """The least rates at given speeds, shape (K,), whatever they cost."""
    product = users.deadline_s * flop_per_s
    reach = np.minimum(product, LARGEST)
    bits, left = envelope.deciding(reach)
    spare = reach - left
    rate = np.where(spare > 0, flop_per_s * (bits / spare), np.inf)
    spare += ROOM * reach
    floor = np.where(spare > 0, flop_per_s * (bits / spare), np.inf)
    beyond = (product < TINY) | np.isinf(product)
    if beyond.any():  # Doubles do not hold T: the same in seconds.
        computes = np.where(left > 0, left / flop_per_s, 0.0)
        for rates, deadline in ((rate, users.deadline_s), (floor, users.deadline_s * (1 + ROOM))):
            spare = np.minimum(deadline, LARGEST) - computes
            np.copyto(rates, np.where(spare > 0, bits / spare, np.inf), where=beyond)
    if envelope.begins_at_once:
        rate[envelope.work_flop > reach * ROUNDED] = np.inf
        floor[envelope.work_flop > reach * (1 + ROOM)] = np.inf
    return Need(flop_per_s, rate, floor)


def best(
    instance: Instance,
    rule: Rule[Shape],
    shape: Callable[[LayerArrays], Shape],
    order: Sequence[int] | None = None,
    slack: float = 0.0,
) -> Least:
    """For each user, of the models allowed the one with the least rate; of equals the first in the instance.

    Parameters
    ----------
    instance
        Whose users and models.
    rule
        What a model needs.
    shape
        What the rule has to know of a model's layers.
    order
        Positions of all models: not the least rate counts, but the first of them that can serve the user at all.
    slack
        Part by which deadlines, speeds and energy may pass their limits.
    """
    count = len(instance.users)
    model = np.full(count, -1, dtype=np.int64)
    speed, least, floor = np.zeros(count), np.full(count, np.inf), np.full(count, np.inf)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        shapes = [shape(layers) for layers in instance.layers]
        for piece, i in itertools.product(_pieces(count), range(len(shapes)) if order is None else order):
            who = _asking(instance, piece, i)
            need = rule(shapes[i], loosened(instance.arrays[who], slack))
            better = need.rate_bps < least[who]
            if order is not None:
                better &= np.isinf(least[who])
            model[who] = np.where(better, i, model[who])
            speed[who] = np.where(better, need.flop_per_s, speed[who])
            least[who] = np.where(better, need.rate_bps, least[who])
            floor[who] = np.minimum(floor[who], need.floor_bps)
        sends = np.array([layers.bits[-1] > 0 for layers in instance.layers] + [False])
        least[(least == 0) & sends[model]] = SMALLEST  # Less than any double, but not nothing.
        channel, floor = instance.arrays.channel, np.where(np.isnan(floor), 0.0, floor)  # Beyond doubles: no bound.
        return Least(model, speed, least, _enough(channel, least), bandwidth_for_rate(channel, floor))


def _enough(channel: ChannelArrays, rate_bps: Floats) -> Floats:
    """Least bandwidths [Hz] for some rates, shape (K,), next to the smallest of doubles too, where digits are few."""
    bandwidth = bandwidth_for_rate(channel, rate_bps)
    short = rate(channel, bandwidth) < rate_bps * (1 - TOLERANCE / 4)
    return np.where(short, np.nextafter(bandwidth, np.inf), bandwidth)


def _pieces(count: int) -> list[slice]:
    return [slice(start, min(start + PIECE, count)) for start in range(0, count, PIECE)]


def _asking(instance: Instance, piece: slice, model: int) -> slice | Rows:
    """Positions of the users of a piece who may be served with a model."""
    choices = instance.choices
    asking = choices.allowed[choices.number[piece], model]
    return piece if asking.all() else piece.start + np.flatnonzero(asking)


def loosened(users: UserArrays, slack: float) -> UserArrays:
    """Users whose deadlines, speeds and energy budgets are loosened by a part of each."""
    if not slack:
        return users
    return dataclasses.replace(
        users,
        deadline_s=users.deadline_s * (1 + slack),
        max_flop_per_s=users.max_flop_per_s * (1 + slack),
        min_flop_per_s=users.min_flop_per_s * (1 - slack),
        energy_budget_j=users.energy_budget_j * (1 + slack),
    )
