"""The least bandwidth of each user, with the model, the rate and the speed that reach it (problems, SLIDE, fact 3).

A user's channel is the same for all models and its bandwidth increases with the rate. So the model with the least rate
has the least bandwidth, and the rate is inverted once for each user. ``bandwidth_hz`` and ``floor_hz`` follow from the
two rates of a requirement: plans are made with the first, bounds with the second. Where the two differ in who can be
served, methods ask for both again with a *slack*, which relaxes every limit: ``WITHIN`` the checker's tolerance for the
plan, just ``BEYOND`` it for the bound.

Users are processed in chunks that fit into the processor's cache, one model at a time, as columns: K users and I models
take O(K I log L).
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from partload.instances.channels import SMALLEST, ChannelArrays, bandwidth_for_rate, rate
from partload.instances.slide.instance import Instance, LayerArrays, UserArrays
from partload.instances.slide.layer_speeds import Devices, least_energy_speeds
from partload.instances.slide.plan import Speed
from partload.instances.slide.requirement import Requirement, relax_limits
from partload.instances.slide.speed_hull import SpeedHull
from partload.instances.verdict import TOLERANCE

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
LIMIT_FACTOR = 1 + TOLERANCE / 2
"""Factor on the limits of plans: half of the checker's tolerance is left for sums in another order than the clock's."""
CHUNK = 1 << 15
"""Users processed at a time."""
Profile = TypeVar("Profile")
"""What a requirement has to know of a model's layers, such as a rate envelope."""


@dataclasses.dataclass(frozen=True)
class LeastBandwidths:
    """What each of K users needs, with the model that needs least; columns of shape (K,)."""

    model: Rows
    """Position of the model; -1 where no model serves the user at any bandwidth."""
    flop_per_s: Floats
    """f* with that model."""
    rate_bps: Floats
    """r_min; infinite where there is no model."""
    bandwidth_hz: Floats
    """Infinite where there is no model, or where the rate is at or above the channel's ceiling."""
    floor_hz: Floats
    """A bandwidth below which no plan that the checker accepts serves the user; infinite where no plan does."""

    def speeds(self, users: Rows) -> Sequence[Speed]:
        """The speeds of the users at some positions, as a plan has them."""
        speeds: list[float] = self.flop_per_s[users].tolist()
        return speeds


@dataclasses.dataclass(frozen=True)
class LeastBandwidthsPerLayer(LeastBandwidths):
    """The same where each layer has a speed of its own; ``flop_per_s`` is the speed if all had the same."""

    users: UserArrays
    """Their limits, relaxed by the slack."""
    hulls: Sequence[SpeedHull]
    """Of each model."""

    def speeds(self, users: Rows) -> Sequence[Speed]:
        """The speeds of least energy at the least rates, a tuple for each user."""
        found: list[Speed] = [()] * len(users)
        for i in np.unique(self.model[users]).tolist():
            rows = np.flatnonzero(self.model[users] == i)
            chosen = users[rows]
            with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
                speeds = plan_speeds(self.hulls[i], self.users[chosen], self.rate_bps[chosen], self.flop_per_s[chosen])
            for row, layer_speeds in zip(rows.tolist(), speeds):
                found[row] = layer_speeds
        return found


def plan_speeds(hull: SpeedHull, users: UserArrays, rate_bps: Floats, flop_per_s: Floats) -> list[tuple[float, ...]]:
    """The speeds of least energy of K users with one model at some rates, a tuple of L speeds for each.

    Where squares of numbers are out of the range of doubles, all layers have the speed ``flop_per_s``, and the checker
    decides.
    """
    speeds = least_energy_speeds(hull, Devices.of(users), rate_bps)
    speeds = np.where(np.isnan(speeds), flop_per_s[:, np.newaxis], speeds)
    return [tuple(layer_speeds) for layer_speeds in speeds.tolist()]


def choose_models(
    instance: Instance,
    requirement: Callable[[Profile, UserArrays], Requirement],
    profile: Callable[[LayerArrays], Profile],
    order: Sequence[int] | None = None,
    slack: float = 0.0,
) -> LeastBandwidths:
    """For each user, the allowed model with the least rate; of equal models the first in the instance.

    Parameters
    ----------
    instance
        Whose users and models.
    requirement
        What a model needs, from its profile and the users.
    profile
        The profile of a model with some layers.
    order
        Positions of all models. The first of them that can serve the user counts, not the one with the least rate.
    slack
        Share by which deadlines, speeds and energy may exceed their limits.
    """
    count = len(instance.users)
    model = np.full(count, -1, dtype=np.int64)
    speed, least, floor = np.zeros(count), np.full(count, np.inf), np.full(count, np.inf)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        profiles = [profile(layers) for layers in instance.layers]
        for chunk, i in itertools.product(_chunks(count), range(len(profiles)) if order is None else order):
            users = _allowed_users(instance, chunk, i)
            found = requirement(profiles[i], relax_limits(instance.arrays[users], slack))
            better = found.rate_bps < least[users]
            if order is not None:
                better &= np.isinf(least[users])
            model[users] = np.where(better, i, model[users])
            speed[users] = np.where(better, found.flop_per_s, speed[users])
            least[users] = np.where(better, found.rate_bps, least[users])
            floor[users] = np.minimum(floor[users], found.floor_bps)
        has_bits = np.array([layers.bits[-1] > 0 for layers in instance.layers] + [False])
        least[(least == 0) & has_bits[model]] = SMALLEST  # The rate underflows, but it is not 0.
        channel, floor = instance.arrays.channel, np.where(np.isnan(floor), 0.0, floor)  # Out of range: no bound.
        return LeastBandwidths(
            model, speed, least, _sufficient_bandwidths(channel, least), bandwidth_for_rate(channel, floor)
        )


def _sufficient_bandwidths(channel: ChannelArrays, rate_bps: Floats) -> Floats:
    """Least bandwidths [Hz] for some rates, shape (K,), rounded up where subnormal doubles have too few digits."""
    bandwidth = bandwidth_for_rate(channel, rate_bps)
    short = rate(channel, bandwidth) < rate_bps * (1 - TOLERANCE / 4)
    return np.where(short, np.nextafter(bandwidth, np.inf), bandwidth)


def _chunks(count: int) -> list[slice[int, int, None]]:
    return [slice(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]


def _allowed_users(instance: Instance, chunk: slice[int, int, None], model: int) -> slice[int, int, None] | Rows:
    """Positions of the users of a chunk whom a model may serve."""
    choices = instance.choices
    allowed = choices.allowed[choices.number[chunk], model]
    return chunk if allowed.all() else chunk.start + np.flatnonzero(allowed)
