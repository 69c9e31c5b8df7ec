"""One speed per layer: the speeds of least energy at a rate, and the least rate that a budget allows.

Exact and combinatorial: which layers form a block of one speed is looked up in a model's `staircase`, for all users at
once, whether they share a model or have one each. What is known of them is brought into the units of the staircase: the
deadline T, the work W.

With one speed for each layer the same users can be served as with one for the device, since without waiting one speed
is best; they need less energy, and where the budget binds, less rate (problems, SLIDE fact 5).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.instances.slide.clock import affordable_speeds
from partload.instances.slide.instance import UserArrays
from partload.instances.slide.staircase import SLACK, Staircase

Floats = NDArray[np.float64]
Chosen = NDArray[np.bool_]
LITTLE = 1e-300
"""Least rate and speed: below, doubles lose their digits."""
BEYOND = 1e150
"""What counts as more speed than anybody can use, in units of W / T: its square is still a number."""


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
    """kappa; 0 where energy does not matter."""

    @classmethod
    def of(cls, users: UserArrays) -> Devices:
        """The devices of an instance's users."""
        return cls(*(getattr(users, field.name) for field in dataclasses.fields(cls)))

    def __getitem__(self, chosen: NDArray[np.int64] | Chosen) -> Devices:
        """The devices at some positions."""
        return Devices(*(getattr(self, field.name)[chosen] for field in dataclasses.fields(self)))

    def later(self, factor: float) -> Devices:
        """The devices with deadlines longer by a factor."""
        return dataclasses.replace(self, deadline_s=self.deadline_s * factor)


@dataclasses.dataclass(frozen=True)
class _Scaled:
    """The same in units of a model's staircase."""

    slowest: Floats
    fastest: Floats
    affordable: Floats
    """The one speed at which the work takes the whole budget; 0 where the least speed takes more."""

    @classmethod
    def of(cls, model: Staircase, devices: Devices) -> _Scaled:
        work, slowest = _unit_of_work(model), devices.min_flop_per_s
        affordable = affordable_speeds(devices.energy_budget_j, devices.energy_coefficient, model.work_flop)
        with np.errstate(over="ignore"):
            affordable = np.where(affordable < slowest * (1 - SLACK), 0.0, np.maximum(affordable, slowest))
            speeds = (speed / work * devices.deadline_s for speed in (slowest, devices.max_flop_per_s, affordable))
            return cls(*(np.minimum(speed, BEYOND) for speed in speeds))


def _unit_of_work(model: Staircase) -> Floats:
    return np.where(model.work_flop > 0, model.work_flop, 1.0)


def least_rate(model: Staircase, devices: Devices) -> Floats:
    """The least rate [bit/s] at which each of K devices runs its model in time and within its budget, shape (K,).

    0 where the model has no bits, infinite where no rate will do. Never more than with one speed for the device.

    Without a budget, and where the budget allows the rate that f_max needs, it is that: a closed form. Otherwise it is
    where the least energy meets the budget. The reciprocal of its root, h(y) = energy(y)^(-1/2), is concave and does
    not increase in y, so that Newton's method from above never passes the solution; it stops when no digit changes.
    """
    scaled = _Scaled.of(model, devices)
    one_speed = np.minimum(scaled.fastest, scaled.affordable)
    least, y = model.longest(one_speed), model.longest(scaled.fastest)
    possible = (one_speed > 0) & (least >= 0)
    active = np.flatnonzero(possible & (one_speed < scaled.fastest))
    while active.size:
        energy, derivative = model[active].energy(y[active], scaled.slowest[active])
        excess = np.maximum(np.sqrt(energy) / one_speed[active] - 1, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(excess > 0, 2 * energy * excess / derivative, 0.0)
        following = np.clip(y[active] - step, least[active], y[active])
        moves = following < y[active]
        y[active] = following
        active = active[moves]
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(model.bits > 0, np.maximum(model.bits / (devices.deadline_s * y), LITTLE), 0.0)
    return np.where(possible, rate, np.inf)


def least_energy(model: Staircase, devices: Devices, rate_bps: Floats) -> Floats:
    """The speeds [FLOP/s] that take the least energy at K rates [bit/s], for each of L layers: shape (K, L).

    They never decrease from layer to layer; behind the last layer of a model that is smaller than others they mean
    nothing. f_max where energy does not matter; not a number where there is no plan in time and within the budget. At a
    rate that only just does, as ``least_rate`` gives it, rounding may decide either way: there the plan ends by a
    deadline that is longer by ``SLACK``, within what the checker allows.
    """
    speeds = _in_time(model, devices, rate_bps)
    tight = np.flatnonzero(np.isnan(speeds[:, 0]))
    if tight.size:
        speeds[tight] = _in_time(model[tight], devices[tight].later(1 + SLACK), rate_bps[tight])
    return speeds


def _in_time(model: Staircase, devices: Devices, rate_bps: Floats) -> Floats:
    """The same, but for rounding."""
    scaled = _Scaled.of(model, devices)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        y = np.where(model.bits > 0, model.bits / (devices.deadline_s * rate_bps), 0.0)
    in_time = np.flatnonzero(y <= model.longest(scaled.fastest))
    energy, _ = model[in_time].energy(y[in_time], scaled.slowest[in_time])
    chosen = in_time[energy <= scaled.affordable[in_time] ** 2 * (1 + SLACK)]
    model, devices = model[chosen], devices[chosen]
    unit, most = _unit_of_work(model) / devices.deadline_s, devices.max_flop_per_s
    least = np.where(devices.energy_coefficient > 0, np.maximum(devices.min_flop_per_s, LITTLE), most)
    stairs = model.speeds(y[chosen])
    stairs *= unit[:, np.newaxis]
    speeds = np.full((len(y), stairs.shape[1]), np.nan)
    speeds[chosen] = np.clip(stairs, least[:, np.newaxis], most[:, np.newaxis])
    return speeds
