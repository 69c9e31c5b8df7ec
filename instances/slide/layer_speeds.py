"""A speed for each layer: the speeds of least energy at a rate, and the least rate that a budget allows.

Both are exact and combinatorial (problems, SLIDE, fact 5; proofs in docs/reference/slide-speeds.md). The blocks
of layers with one speed are read off the model's speed hull, for all users at once, whether they share a model or have
one each. Data of the users is scaled to the units of the hull: the deadline T and the work W. The energy at a rate
takes O(log L) for a user, the least rate a few steps of Newton's method, the speeds O(L).

An infinite rate leaves nothing to wait for, and then one speed is best. So the same users can be served as with one
speed for the device; they need less energy, and where the budget binds, a lower rate.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.instances.slide.clock import affordable_speeds
from partload.instances.slide.instance import UserArrays
from partload.instances.slide.speed_hull import SLACK, SpeedHull

Floats = NDArray[np.float64]
Chosen = NDArray[np.bool_]
LEAST_POSITIVE = 1e-300
"""Smallest rate and speed returned; smaller doubles lose digits."""
LARGEST_SPEED = 1e150
"""Greatest speed computed with, in units of W / T; its square does not overflow."""


@dataclasses.dataclass(frozen=True)
class Devices:
    """K users' devices as columns of shape (K,)."""

    deadline_s: Floats
    """T."""
    min_flop_per_s: Floats
    """f_min."""
    max_flop_per_s: Floats
    """f_max."""
    energy_budget_j: Floats
    """E; infinite where there is none."""
    energy_coefficient: Floats
    """kappa; 0 where there is no budget."""

    @classmethod
    def of(cls, users: UserArrays) -> Devices:
        """The devices of an instance's users."""
        return cls(*(getattr(users, field.name) for field in dataclasses.fields(cls)))

    def __getitem__(self, chosen: NDArray[np.int64] | Chosen) -> Devices:
        """The devices at some positions."""
        return Devices(*(getattr(self, field.name)[chosen] for field in dataclasses.fields(self)))

    def with_later_deadlines(self, factor: float) -> Devices:
        """The devices with deadlines multiplied by a factor."""
        return dataclasses.replace(self, deadline_s=self.deadline_s * factor)


@dataclasses.dataclass(frozen=True)
class _ScaledDevices:
    """Speeds of the devices in units of W / T, shape (K,)."""

    slowest: Floats
    """f_min."""
    fastest: Floats
    """f_max."""
    affordable: Floats
    """The speed at which the work takes the whole budget, if all layers have it; 0 where f_min takes more."""

    @classmethod
    def of(cls, model: SpeedHull, devices: Devices) -> _ScaledDevices:
        work, slowest = _unit_of_work(model), devices.min_flop_per_s
        affordable = affordable_speeds(devices.energy_budget_j, devices.energy_coefficient, model.work_flop)
        with np.errstate(over="ignore"):
            affordable = np.where(affordable < slowest * (1 - SLACK), 0.0, np.maximum(affordable, slowest))
            speeds = (speed / work * devices.deadline_s for speed in (slowest, devices.max_flop_per_s, affordable))
            return cls(*(np.minimum(speed, LARGEST_SPEED) for speed in speeds))


def _unit_of_work(model: SpeedHull) -> Floats:
    return np.where(model.work_flop > 0, model.work_flop, 1.0)


def least_rate(model: SpeedHull, devices: Devices) -> Floats:
    """The least rate [bit/s] at which each of K devices runs its model in time and within its budget, shape (K,).

    0 where the model has no bits, infinite where no rate is sufficient. Never more than with one speed for the device.

    Without a budget, and where the budget allows it, the least rate is that of speed f_max, in closed form. Otherwise
    it is the rate at which the least energy equals the budget. The function h(y) = energy(y)^(-1/2) of the download
    share y is concave and does not increase, so Newton's method from above never passes the solution. It stops when no
    digit changes.
    """
    scaled = _ScaledDevices.of(model, devices)
    one_speed = np.minimum(scaled.fastest, scaled.affordable)
    least, y = model.largest_download_share(one_speed), model.largest_download_share(scaled.fastest)
    possible = (one_speed > 0) & (least >= 0)
    active = np.flatnonzero(possible & (one_speed < scaled.fastest))
    while active.size:
        energy, derivative = model[active].energy(y[active], scaled.slowest[active])
        excess = np.maximum(np.sqrt(energy) / one_speed[active] - 1, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(excess > 0, 2 * energy * excess / derivative, 0.0)
        following = np.clip(y[active] - step, least[active], y[active])
        changed = following < y[active]
        y[active] = following
        active = active[changed]
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(model.bits > 0, np.maximum(model.bits / (devices.deadline_s * y), LEAST_POSITIVE), 0.0)
    return np.where(possible, rate, np.inf)


def least_energy_speeds(model: SpeedHull, devices: Devices, rate_bps: Floats) -> Floats:
    """The speeds [FLOP/s] that take the least energy at K rates [bit/s], for each of L layers: shape (K, L).

    They never decrease from layer to layer. Entries behind the last layer of a smaller model have no meaning. All are
    f_max where there is no budget, and NaN where no plan is in time and within the budget. At the rate of
    ``least_rate`` rounding may go either way, so there the deadline may be missed by a relative ``SLACK``, which is
    within the checker's tolerance.
    """
    speeds = _speeds_in_time(model, devices, rate_bps)
    tight = np.flatnonzero(np.isnan(speeds[:, 0]))
    if tight.size:
        speeds[tight] = _speeds_in_time(model[tight], devices[tight].with_later_deadlines(1 + SLACK), rate_bps[tight])
    return speeds


def _speeds_in_time(model: SpeedHull, devices: Devices, rate_bps: Floats) -> Floats:
    """The speeds of least energy that meet the deadline exactly; NaN where there are none."""
    scaled = _ScaledDevices.of(model, devices)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        y = np.where(model.bits > 0, model.bits / (devices.deadline_s * rate_bps), 0.0)
    in_time = np.flatnonzero(y <= model.largest_download_share(scaled.fastest))
    energy, _ = model[in_time].energy(y[in_time], scaled.slowest[in_time])
    chosen = in_time[energy <= scaled.affordable[in_time] ** 2 * (1 + SLACK)]
    model, devices = model[chosen], devices[chosen]
    unit, most = _unit_of_work(model) / devices.deadline_s, devices.max_flop_per_s
    least = np.where(devices.energy_coefficient > 0, np.maximum(devices.min_flop_per_s, LEAST_POSITIVE), most)
    speeds_at_share = model.speeds(y[chosen])
    speeds_at_share *= unit[:, np.newaxis]
    speeds = np.full((len(y), speeds_at_share.shape[1]), np.nan)
    speeds[chosen] = np.clip(speeds_at_share, least[:, np.newaxis], most[:, np.newaxis])
    return speeds
