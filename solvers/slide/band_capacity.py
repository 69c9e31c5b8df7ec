"""From least bandwidths to a plan: who fits into the band, and what each of them gets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from partload.instances.slide.instance import Instance
from partload.instances.slide.least import Least
from partload.instances.slide.plan import Plan, Served
from partload.instances.solution import Termination
from partload.solvers import interrupts
from partload.solvers.registry import Limits

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
LARGEST = float(np.finfo(float).max)


def fitting(bandwidth_hz: Floats, band_hz: float) -> int:
    """How many of some users fit into the band, the first ones in the order given; infinite bandwidths never do.

    The sum of a million numbers in a row is exact to a relative 1e-10, far less than what band has as tolerance.
    """
    with np.errstate(over="ignore"):
        sums = np.cumsum(bandwidth_hz)
    return int(np.searchsorted(sums, min(band_hz, LARGEST), side="right"))


def fitting_in_turn(bandwidth_hz: Floats, band_hz: float) -> list[int]:
    """Positions of those who fit into the band, each asked in turn; who does not fit is passed over."""
    left, chosen = band_hz, []
    for position, bandwidth in enumerate(bandwidth_hz.tolist()):
        if bandwidth <= min(left, LARGEST):
            left -= bandwidth
            chosen.append(position)
    return chosen


def plan(instance: Instance, least: Least, users: Rows, bandwidth_hz: Floats | None = None) -> Plan:
    """The plan that serves users at some positions, on their least bandwidths if no others are given."""
    bandwidth = least.bandwidth_hz[users] if bandwidth_hz is None else bandwidth_hz
    names = [instance.users[k].id for k in users.tolist()]
    models = [instance.models[i].id for i in least.model[users].tolist()]
    return tuple(map(Served, names, models, bandwidth.tolist(), least.speeds(users)))


def cut_short(limits: Limits, work: Callable[[], None]) -> Termination | None:
    """Do some work; why it did not come to its end, if it did not. Numbers beyond doubles are infinite in it."""
    try:
        with interrupts.expiring(limits.time_limit), np.errstate(all="ignore"):
            work()
    except interrupts.TimeUpError:
        return "time-limit"
    except KeyboardInterrupt:
        return "interrupted"
    return None
