"""The requirement of one model: the speed and the least rate at which it serves each of some users (problems, fact 2).

With one speed for the device the energy budget alone fixes it, f* = min(f_max, sqrt(E / (kappa W))), and the least rate
is that of the rate envelope. With a speed for each layer the least rate is that of the speed hull (SLIDE, fact 5).

The checker accepts limits within a tolerance, so a requirement has two rates. ``rate_bps`` solves the equations: plans
are made with it. ``floor_bps`` allows for more than the tolerances on deadline, speed and energy could save together:
no accepted plan has less, so bounds are made with it. Each takes O(log L) for a user, by binary search.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.instances.slide.clock import TINY, affordable_speeds
from partload.instances.slide.instance import LayerArrays, UserArrays
from partload.instances.slide.layer_speeds import Devices, least_rate
from partload.instances.slide.rate_envelope import RateEnvelope
from partload.instances.slide.speed_hull import SpeedHull
from partload.instances.verdict import TOLERANCE

Floats = NDArray[np.float64]
BOUND_MARGIN = 3 * TOLERANCE
"""Share of a limit that bounds allow for: two tolerances cover those of deadline, speed and energy together."""
ROUNDING_FACTOR = 1 + 1e-12
"""Allows for the rounding of sums over layers."""
LARGEST = float(np.finfo(float).max)


@dataclasses.dataclass(frozen=True)
class Requirement:
    """What one model needs to serve each of K users, columns of shape (K,); infinite rates where it cannot."""

    flop_per_s: Floats
    """f*, the speed if the device keeps one."""
    rate_bps: Floats
    """r_min."""
    floor_bps: Floats
    """A rate below which no plan that the checker accepts serves the user with this model."""


def one_speed_requirement(envelope: RateEnvelope, users: UserArrays) -> Requirement:
    """The greatest speed that the energy budget allows, and the least rate at this speed (problems, SLIDE, fact 2)."""
    if not np.isfinite(users.energy_budget_j).any():
        return requirement_at_speed(envelope, users, users.max_flop_per_s)
    speed = np.minimum(
        users.max_flop_per_s, affordable_speeds(users.energy_budget_j, users.energy_coefficient, envelope.work_flop)
    )
    found = requirement_at_speed(envelope, users, speed)
    if not users.min_flop_per_s.any():
        return found
    rate = np.where(speed < users.min_flop_per_s / ROUNDING_FACTOR, np.inf, found.rate_bps)
    floor = np.where(speed < users.min_flop_per_s * (1 - BOUND_MARGIN), np.inf, found.floor_bps)
    return Requirement(speed, rate, floor)


def requirement_at_speed(envelope: RateEnvelope, users: UserArrays, flop_per_s: Floats) -> Requirement:
    """The least rates at given speeds, shape (K,), whatever energy these take."""
    product = users.deadline_s * flop_per_s
    deadline_flop = np.minimum(product, LARGEST)
    bits, left = envelope.binding_layer(deadline_flop)
    spare = deadline_flop - left
    rate = np.where(spare > 0, flop_per_s * (bits / spare), np.inf)
    spare += BOUND_MARGIN * deadline_flop
    floor = np.where(spare > 0, flop_per_s * (bits / spare), np.inf)
    out_of_range = (product < TINY) | np.isinf(product)
    if out_of_range.any():  # Doubles do not hold deadline times speed: compute in seconds.
        computing = np.where(left > 0, left / flop_per_s, 0.0)
        for rates, deadline in ((rate, users.deadline_s), (floor, users.deadline_s * (1 + BOUND_MARGIN))):
            spare = np.minimum(deadline, LARGEST) - computing
            np.copyto(rates, np.where(spare > 0, bits / spare, np.inf), where=out_of_range)
    if envelope.computes_before_download:
        rate[envelope.work_flop > deadline_flop * ROUNDING_FACTOR] = np.inf
        floor[envelope.work_flop > deadline_flop * (1 + BOUND_MARGIN)] = np.inf
    return Requirement(flop_per_s, rate, floor)


@dataclasses.dataclass(frozen=True)
class LayerSpeedsProfile:
    """A model for devices with a speed for each layer."""

    hull: SpeedHull
    envelope: RateEnvelope

    @classmethod
    def of(cls, layers: LayerArrays) -> LayerSpeedsProfile:
        """The profile of a model with these layers."""
        return cls(SpeedHull.of(layers), RateEnvelope.of(layers))


def layer_speeds_requirement(profile: LayerSpeedsProfile, users: UserArrays) -> Requirement:
    """The least rates with the speeds of least energy, and f* (problems, SLIDE, fact 5).

    One speed never needs a lower rate. Where it seems to, numbers are at the ends of the range of doubles, and its rate
    counts.
    """
    devices, one_speed = Devices.of(users), one_speed_requirement(profile.envelope, users)
    rate = np.fmin(least_rate(profile.hull, devices), one_speed.rate_bps)
    relaxed = dataclasses.replace(
        devices,
        deadline_s=devices.deadline_s * (1 + BOUND_MARGIN),
        min_flop_per_s=devices.min_flop_per_s * (1 - 2 * BOUND_MARGIN),
    )
    return Requirement(one_speed.flop_per_s, rate, np.fmin(least_rate(profile.hull, relaxed), one_speed.floor_bps))


def relax_limits(users: UserArrays, slack: float) -> UserArrays:
    """Users whose deadlines, speeds and energy budgets are relaxed by a share of each."""
    if not slack:
        return users
    return dataclasses.replace(
        users,
        deadline_s=users.deadline_s * (1 + slack),
        max_flop_per_s=users.max_flop_per_s * (1 + slack),
        min_flop_per_s=users.min_flop_per_s * (1 - slack),
        energy_budget_j=users.energy_budget_j * (1 + slack),
    )
