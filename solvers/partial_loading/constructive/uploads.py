"""Upload times of one more slot for each prefix of an order of requests, and bandwidths that share one band."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from partload.instances.allocation import constant_bandwidths, least_upload_times
from partload.instances.channels import upload_time
from partload.instances.partial_loading.instance import Instance
from partload.instances.verdict import TOLERANCE

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
ON_TIME = 1 + TOLERANCE / 2
"""Half of the checker's tolerance: the rest is for sums in another order than the clock's."""


def least_upload(instance: Instance, alone: Floats, rows: Rows) -> Callable[[int], float]:
    """Least time [s] in which the first u of some requests upload on the whole band, as a function of u >= 1.

    Flat channels: a sum of loads (problems, fact 1), from prefix sums. Never falls as u grows.
    """
    channel, bits, band = instance.arrays.channel[rows], instance.arrays.input_bits[rows], instance.server.bandwidth_hz
    if channel.flat.all():
        total = np.cumsum(alone[rows])
        return lambda count: float(total[count - 1])

    def together(count: int) -> float:
        first, group = np.arange(count), np.zeros(count, dtype=np.int64)
        return float(least_upload_times(channel[first], bits[first], group, 1, band)[0])

    return together


def equal_upload(instance: Instance, rows: Rows) -> Callable[[int], float]:
    """Time [s] in which the first u of some requests upload when each has B / u, as a function of u >= 1."""
    channel, bits, band = instance.arrays.channel[rows], instance.arrays.input_bits[rows], instance.server.bandwidth_hz

    def apart(count: int) -> float:
        first = np.arange(count)
        return float(upload_time(channel[first], bits[first], np.full(count, band / count)).max())

    return apart


class HeldBandwidth:
    """One band for all: what the requests served so far hold of it, and whether more fit beside them.

    With work the time of all loads and inference before a slot is ready, one more slot that has to be ready by L makes
    all earlier ones ready by L - (work of the new slot - their own): the recursion of ``instances...static``, each
    slot in one step, since the work between two slots does not change when another is appended.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.rows: Rows = np.empty(0, dtype=np.int64)
        self.latest_s: Floats = np.empty(0)
        """L of the slot of each request."""
        self.work_s: Floats = np.empty(0)
        """Work before the slot of each request is ready."""
        self.end_s = 0.0
        """All work so far."""

    def fits(self, rows: Rows, latest_s: float, load_s: float) -> bool:
        """Whether the band allows a slot of these requests, ready by ``latest_s``, that loads for ``load_s``."""
        columns, chosen = self.instance.arrays, np.concatenate((self.rows, rows))
        ready = np.concatenate((self._latest(latest_s, self.end_s + load_s), np.full(len(rows), latest_s)))
        arrival = columns.arrival_s[chosen]
        if columns.arrivals and not (arrival <= ready * ON_TIME).all():
            return False
        needed = constant_bandwidths(columns.channel[chosen], columns.input_bits[chosen], ready - arrival).sum()
        return bool(needed <= self.instance.server.bandwidth_hz * ON_TIME)

    def hold(self, rows: Rows, latest_s: float, load_s: float, inference_s: float) -> None:
        """Append the slot."""
        self.latest_s = np.concatenate((self._latest(latest_s, self.end_s + load_s), np.full(len(rows), latest_s)))
        self.end_s = self.end_s + load_s + inference_s
        self.work_s = np.concatenate((self.work_s, np.full(len(rows), self.end_s - inference_s)))
        self.rows = np.concatenate((self.rows, rows))

    def _latest(self, latest_s: float, work_s: float) -> Floats:
        return np.minimum(self.latest_s, latest_s - (work_s - self.work_s))
