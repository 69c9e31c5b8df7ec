"""Devices of the users, from phone to laptop. All numbers are assumptions.

A speed is sustained on a whole network in single precision; it is not a peak speed. A device with speed f_max draws
power P at that speed, so kappa = P / f_max^3, and a FLOP at speed f takes the energy kappa f^2.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.instances.generation.draws import significant

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class DeviceClass:
    """A class of devices."""

    name: str
    slowest_flop_per_s: float
    fastest_flop_per_s: float
    """f_max of a device lies between these two."""
    power_w: float
    """P, at f_max."""


CLASSES = (
    DeviceClass("phone", 10e9, 40e9, 3.0),
    DeviceClass("tablet", 40e9, 120e9, 8.0),
    DeviceClass("laptop", 120e9, 400e9, 25.0),
)
"""All with equal probability."""
LEAST_SPEED = 0.1
"""f_min over f_max."""
INTEGER_SPEEDS = 4
"""f_max of the integer variant is 1 to this number; f_min is 0 and kappa is 1."""
_RANGES = ", ".join(
    f"{kind.name} {kind.slowest_flop_per_s / 1e9:g} to {kind.fastest_flop_per_s / 1e9:g} GFLOP/s at {kind.power_w:g} W"
    for kind in CLASSES
)
NOTE = f"assumption: {_RANGES}, sustained in single precision; f_min is {LEAST_SPEED:g} f_max; kappa = power / f_max^3"


@dataclasses.dataclass(frozen=True)
class Devices:
    """K devices as columns of shape (K,)."""

    max_flop_per_s: Floats
    min_flop_per_s: Floats
    energy_coefficient: Floats


def devices(count: int, integer: bool, rng: np.random.Generator) -> Devices:
    """Random devices."""
    drawn, kind = rng.random(count), rng.integers(0, len(CLASSES), count)
    if integer:
        speed = 1.0 + np.floor(INTEGER_SPEEDS * drawn)
        return Devices(speed, np.zeros(count), np.ones(count))
    slowest, fastest, power = np.array([(k.slowest_flop_per_s, k.fastest_flop_per_s, k.power_w) for k in CLASSES])[
        kind
    ].T
    speed = _rounded(slowest + drawn * (fastest - slowest))
    return Devices(speed, _rounded(LEAST_SPEED * speed), _rounded(power / speed**3))


def _rounded(values: Floats) -> Floats:
    return np.array([significant(value) for value in values.tolist()])
