"""The capacity of the band: which users fit into it with their least bandwidths, and the plan that serves them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from partload.instances.slide.instance import Instance
from partload.instances.slide.least_bandwidth import LeastBandwidths
from partload.instances.slide.plan import Plan, Served
from partload.instances.solution import Termination
from partload.solvers import interrupts
from partload.solvers.registry import Limits

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
LARGEST = float(np.finfo(float).max)


def count_fitting(bandwidth_hz: Floats, band_hz: float) -> int:
    """How many users fit into the band, the first in the order given; a user with an infinite bandwidth never fits.

    A running sum of a million numbers has a relative error below 1e-10, far less than the tolerance of the band.
    """
    with np.errstate(over="ignore"):
        sums = np.cumsum(bandwidth_hz)
    return int(np.searchsorted(sums, min(band_hz, LARGEST), side="right"))


def fit_in_turn(bandwidth_hz: Floats, band_hz: float) -> list[int]:
    """Positions of the users who fit into the band, each tried in turn; a user who does not fit is skipped."""
    left, chosen = band_hz, []
    for position, bandwidth in enumerate(bandwidth_hz.tolist()):
        if bandwidth <= min(left, LARGEST):
            left -= bandwidth
            chosen.append(position)
    return chosen


def plan_for(instance: Instance, needed: LeastBandwidths, users: Rows, bandwidth_hz: Floats | None = None) -> Plan:
    """The plan that serves the users at some positions, with their least bandwidths if no others are given."""
    bandwidth = needed.bandwidth_hz[users] if bandwidth_hz is None else bandwidth_hz
    names = [instance.users[k].id for k in users.tolist()]
    models = [instance.models[i].id for i in needed.model[users].tolist()]
    return tuple(map(Served, names, models, bandwidth.tolist(), needed.speeds(users)))


def run_limited(limits: Limits, work: Callable[[], None]) -> Termination | None:
    """Run some work within the time limit, without warnings of numpy; return what cut it short, None if nothing did."""
    with np.errstate(all="ignore"):
        return interrupts.cut_short(work, limits.time_limit)
