"""From an order of models to a plan: how much each model serves, so that the deadline is used to the full.

At a price of time each model serves the v with the greatest v - price x time. The least price at which that ends in
time is found by bisection, and what time is left goes to the requests that take the least more. Without limits on
batches the time of a model is convex in v beyond its first request, so this is the best that the order allows with
these models.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

import numpy as np

from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.tolerance import accepted
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.sequence.network import Floats, Integers, Network

STEPS = 45
"""Halvings of the price of time."""
ON_TIME = 1 + 0.9e-9
"""End that the checker accepts without a wider band, in deadlines."""


class Filler:
    """Fills orders of the models of a network."""

    def __init__(self, instance: Instance, network: Network) -> None:
        self.instance = instance
        self.network = network
        pairs = zip(network.tail.tolist(), network.head.tolist())
        self.arc_of = {pair: arc for arc, pair in enumerate(pairs)}
        self._times: dict[int, Floats] = {}

    def arcs(self, order: Sequence[int]) -> list[int]:
        """The arcs by which models, one after the other, are loaded."""
        found, before = [], self.network.start
        for node in order:
            arc = self.arc_of.get((before, node))
            found.append(self.arc_of[self.network.hub, node] if arc is None else arc)
            before = node
        return found

    def times(self, arc: int) -> Floats:
        """Time of 1, 2, .. units over an arc, in deadlines."""
        if arc not in self._times:
            self._times[arc] = self.network.times(arc)
        return self._times[arc]

    def filled(self, order: Sequence[int], latest: float = LATEST_END) -> tuple[list[int], list[int]]:
        """Models of an order, in that order, and how much each serves.

        All are visited where that ends in time: a visit that does not pay by itself may shorten the next load. Else
        those are left out that do not pay at the price of time, until the others are in time.
        """
        order = list(order)
        while order:
            times = [self.times(arc) for arc in self.arcs(order)]
            if math.fsum(float(time[0]) for time in times) <= latest:
                return order, _topped_up(times, _priced(times, latest, 1), latest)
            counts = _priced(times, latest, 0)
            kept = [node for node, count in zip(order, counts) if count]
            if len(kept) == len(order):
                return order, _topped_up(times, counts, latest)
            order = kept
        return [], []

    def plan(self, order: Sequence[int], counts: Sequence[int]) -> Plan:
        """The slots of models in an order, each with so many units."""
        slots = []
        for node, arc, count in zip(order, self.arcs(order), counts):
            batches = self.network.costs[node].batches(float(self.network.load_s[arc]), count)
            slots += [
                Slot(self.network.models[node], tuple(self.instance.requests[k].id for k in batch)) for batch in batches
            ]
        return tuple(slots)

    def units(self, plan: Plan) -> int:
        """Units that a plan serves."""
        return int(self.network.profit[self.instance.positions(k for slot in plan for k in slot.requests)].sum())

    def accepted(self, order: Sequence[int], more_than: int) -> tuple[Plan, int] | None:
        """A plan of an order that the checker accepts and that serves more than so many, and how many it serves."""
        for latest in (LATEST_END, ON_TIME):
            visited, counts = self.filled(order, latest)
            if sum(counts) <= more_than:
                return None
            plan = accepted(self.instance, self.plan(visited, counts))
            if plan is not None:
                return plan, self.units(plan)
        return None


def _priced(times: Sequence[Floats], latest: float, least: int) -> list[int]:
    """Counts, from ``least`` = 0 or 1, at the least price of time at which models end in time, to some digits."""
    sizes = np.array([len(time) + 1 - least for time in times])
    count = np.concatenate([np.arange(least, least + size) for size in sizes.tolist()])
    time = np.concatenate([np.append(0.0, own)[least:] for own in times])
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    fast = time <= latest
    segment = np.repeat(np.arange(len(sizes)), sizes)

    def at(price: float) -> Integers:
        value = np.where(fast, count - price * np.where(fast, time, 0.0), -np.inf)
        best = np.maximum.reduceat(value, starts)
        hit = np.flatnonzero(value >= best[segment])
        first: Integers = hit[np.searchsorted(segment[hit], np.arange(len(sizes)))]  # The fewest of those as good.
        return first

    low, high = 0.0, 1.0
    while math.fsum(time[at(high)]) > latest:
        low, high = high, 4 * high
    for _ in range(STEPS):
        middle = (low + high) / 2
        if math.fsum(time[at(middle)]) <= latest:
            high = middle
        else:
            low = middle
    chosen: list[int] = count[at(high)].tolist()
    return chosen


def _topped_up(times: Sequence[Floats], counts: Sequence[int], latest: float) -> list[int]:
    """Counts increased as long as time is left: the next request is that which takes the least more."""
    filled = list(counts)
    end = math.fsum(float(time[count - 1]) for time, count in zip(times, counts))
    waiting: list[tuple[float, int]] = []

    def offer(place: int) -> None:
        time, count = times[place], filled[place]
        if count < len(time):
            heapq.heappush(waiting, (float(time[count] - time[count - 1]), place))

    for place in range(len(filled)):
        offer(place)
    while waiting:
        more, place = heapq.heappop(waiting)
        if end + more <= latest:
            filled[place] += 1
            end += more
            offer(place)
    return filled
