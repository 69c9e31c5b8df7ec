"""Legs: (predecessor, model, how much it serves), each with its time. They are the columns of the master LP.

A leg (p, i, v) loads model i right after p and serves requests of i that are worth v units in the least time. With
equal weights a unit is a request, and these are the v requests with the least uploads (fact 3), in full batches
(fact 4); else who is served is a knapsack. The profit of a leg is v. A leg that takes no less time than the one from
the hub with as many units is left out: the hub's does the same for a plan and may be used whatever else is.
"""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
from numpy.typing import NDArray

from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.sequence.network import Floats, Integers, Network

Flags = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class Legs:
    """E legs, sorted by arc and count; all arrays have shape (E,)."""

    arc: Integers
    """Position of the arc in the network."""
    count: Integers
    """v, units served."""
    time: Floats
    """In deadlines."""

    def __len__(self) -> int:
        return len(self.arc)

    def only(self, kept: Flags) -> Legs:
        """Those for which a flag is set, shape (E,)."""
        return Legs(self.arc[kept], self.count[kept], self.time[kept])


def legs(network: Network) -> Legs:
    """All legs that end in time and are worth more than those from the hub."""
    first = np.searchsorted(network.head, np.arange(network.nodes + 1))
    parts = [_into(network, int(begin), int(end)) for begin, end in itertools.pairwise(first)]
    if not parts:
        return Legs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    return Legs(*(np.concatenate(columns) for columns in zip(*parts)))


def _into(network: Network, begin: int, end: int) -> tuple[Integers, Integers, Floats]:
    """Legs over arcs ``begin``, .., ``end - 1``, which lead to one model; the arc from the hub comes first."""
    hub = network.times(begin)
    arcs, counts, times = [], [], []
    for arc in range(begin, end):
        time = network.times(arc)
        worth = (time <= LATEST_END) & (np.append(time[1:], np.inf) > time)  # As much time for more units is better.
        if arc > begin:
            worth &= time < hub
        place = np.flatnonzero(worth)
        arcs.append(np.full(len(place), arc))
        counts.append(place + 1)
        times.append(time[place])
    return np.concatenate(arcs), np.concatenate(counts), np.concatenate(times)
