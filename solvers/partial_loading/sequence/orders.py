"""Local search over the order of models, at several prices of time at once.

At a price of time, each model of an order is worth what its best leg is worth, and that depends on the model before it
alone:

    w(p, i) = max over v of v - price x time(p, i, v),  p being the model before i.

For any price, price x deadline + the sum of w over the order is an upper bound on what the order serves, and the least
of these bounds over all prices is what it serves with counts that need not be whole. So the value of an order is the
least over some prices, which tells a time that is overrun or left over, as one price alone does not. Of each kind of
move all are tried at once with numpy, and the best one is made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.sequence.legs import Legs
from partload.solvers.partial_loading.sequence.network import Floats, Integers, Network

LONGEST = 3
"""Most models that move together."""
GAIN = 1e-9
"""Least gain, relative to the value, of a move that is made."""
Move = Callable[[Integers], tuple[float, Integers]]


def worth(network: Network, legs: Legs, price: float) -> Floats:
    """w(p, i) at a price, shape (N + 2, N), the last row for the first model of a plan.

    A step that no plan can take costs more than all others together can bring.
    """
    nodes = network.nodes
    arc = np.full(len(network.tail), -np.inf)
    starts = np.flatnonzero(np.diff(legs.arc, prepend=-1))
    if len(starts):
        arc[legs.arc[starts]] = np.maximum.reduceat(legs.count - price * legs.time, starts)
    from_hub = network.tail == network.hub
    full = np.full(nodes, -np.inf)
    full[network.head[from_hub]] = arc[from_hub]
    table = np.tile(full, (nodes + 2, 1))
    table[network.tail, network.head] = np.maximum(table[network.tail, network.head], arc)
    table[np.arange(nodes), np.arange(nodes)] = -np.inf
    impossible = -2.0 * (price * LATEST_END + network.units)
    return np.where(np.isfinite(table), table, impossible)


class Orders:
    """Orders of the models of a network, valued at P prices of time."""

    def __init__(self, network: Network, legs: Legs, prices: Sequence[float]) -> None:
        self.nodes = network.nodes
        tables = np.array([worth(network, legs, price) for price in prices])
        # After the last model comes nothing, worth nothing.
        self.step = np.concatenate((tables, np.zeros((*tables.shape[:2], 1))), axis=2)
        self.end = np.array(prices)[:, None] * LATEST_END
        self._start, self._stop = np.array([self.nodes + 1]), np.array([self.nodes])

    def value(self, order: Integers) -> float:
        """About what an order serves: an upper bound."""
        return float(self._values(order).min())

    def improved(self, order: Integers) -> Integers:
        """The order after moves that gain, one after another, until none does; the cheapest kind of move first."""
        while True:
            least = GAIN * (1.0 + abs(self.value(order)))
            for move in self.moves():
                gain, changed = move(order)
                if gain > least:
                    order = changed
                    break
            else:
                return order

    def moves(self) -> tuple[Move, ...]:
        """What is tried: from an order to the gain of the best change of a kind, and the order after it."""
        return self._remove, self._insert, self._exchange, self._reverse, self._relocate

    def _values(self, order: Integers) -> Floats:
        """The bound of an order at each price, shape (P, 1)."""
        before, _ = self._around(order)
        values: Floats = self.end + self.step[:, before, order].sum(axis=1, keepdims=True)
        return values

    def _around(self, order: Integers) -> tuple[Integers, Integers]:
        """What comes before each model of the order, and after."""
        return self._left(order)[:-1], self._right(order)[1:]

    def _left(self, order: Integers) -> Integers:
        """What comes before each place where a model can be put."""
        return np.concatenate((self._start, order))

    def _right(self, order: Integers) -> Integers:
        """What comes after each of these places."""
        return np.concatenate((order, self._stop))

    def _others(self, order: Integers) -> Integers:
        absent = np.ones(self.nodes, dtype=bool)
        absent[order] = False
        return np.flatnonzero(absent)

    def _best(self, order: Integers, gain: Floats) -> tuple[float, int, int]:
        """Gain of the best of some changes, whose gains at each price have shape (P, n, m), and which one it is."""
        now = self._values(order)
        value = (now[:, :, None] + gain).min(axis=0)
        row, column = np.unravel_index(int(np.argmax(value)), value.shape)
        return float(value[row, column] - now.min()), int(row), int(column)

    def _cross(self, before: Integers, models: Integers, after: Integers) -> Floats:
        """Steps from each place to each model and on, shape (P, places, models)."""
        into, out_of = self.step[:, before[:, None], models], self.step[:, models, after[:, None]]
        crossed: Floats = into + out_of
        return crossed

    def _insert(self, order: Integers) -> tuple[float, Integers]:
        """Insert a model that is not visited."""
        others = self._others(order)
        if not len(others):
            return 0.0, order
        left, right = self._left(order), self._right(order)
        gain = self._cross(left, others, right) - self.step[:, left, right][:, :, None]
        best, place, which = self._best(order, gain)
        return best, _with(order, place, others[which : which + 1])

    def _remove(self, order: Integers) -> tuple[float, Integers]:
        """Visit a model no longer."""
        if not len(order):
            return 0.0, order
        before, after = self._around(order)
        gain = self.step[:, before, after] - self.step[:, before, order] - self.step[:, order, after]
        best, place, _ = self._best(order, gain[:, :, None])
        return best, _without(order, place, place + 1)

    def _exchange(self, order: Integers) -> tuple[float, Integers]:
        """Visit another model in place of one."""
        others = self._others(order)
        if not len(others) or not len(order):
            return 0.0, order
        before, after = self._around(order)
        now = self.step[:, before, order] + self.step[:, order, after]
        best, place, which = self._best(order, self._cross(before, others, after) - now[:, :, None])
        changed = order.copy()
        changed[place] = others[which]
        return best, changed

    def _relocate(self, order: Integers) -> tuple[float, Integers]:
        """Move one model, or a few that follow each other, to another place."""
        best, changed = 0.0, order
        size = len(order)
        left, right = self._left(order), self._right(order)
        places = np.arange(size + 1)[:, None]
        for length in range(1, min(LONGEST, size - 1) + 1):
            first = np.arange(size - length + 1)
            head, tail = order[first], order[first + length - 1]
            before, after = left[first], right[first + length]
            out = self.step[:, before, after] - self.step[:, before, head] - self.step[:, tail, after]
            into = self.step[:, left[:, None], head] + self.step[:, tail, right[:, None]]
            gain = into - self.step[:, left, right][:, :, None] + out[:, None, :]
            gain[:, (places >= first) & (places <= first + length)] = -np.inf
            found, place, which = self._best(order, gain)
            if found > best:
                best = found
                moved = order[which : which + length]
                rest = _without(order, which, which + length)
                changed = _with(rest, place if place <= which else place - length, moved)
        return best, changed

    def _reverse(self, order: Integers) -> tuple[float, Integers]:
        """Visit some models that follow each other in the opposite order."""
        size = len(order)
        if size < 2:
            return 0.0, order
        before, after = self._around(order)
        turned = self.step[:, order[1:], order[:-1]] - self.step[:, order[:-1], order[1:]]
        inner = np.concatenate((np.zeros((len(turned), 1)), np.cumsum(turned, axis=1)), axis=1)
        now = self.step[:, before, order][:, :, None] + self.step[:, order, after][:, None, :]
        # From place i to place j: step into j instead of i, all steps between the other way, and on from i.
        ends = self.step[:, before[:, None], order] + self.step[:, order[:, None], after]
        gain = ends - now + inner[:, None, :] - inner[:, :, None]
        gain[:, np.tri(size, dtype=bool)] = -np.inf
        best, i, j = self._best(order, gain)
        changed = order.copy()
        changed[i : j + 1] = order[i : j + 1][::-1]
        return best, changed


def shaken(order: Integers, random: np.random.Generator) -> Integers:
    """The order with two neighbouring parts exchanged and a few models left out, at random."""
    size = len(order)
    if size < 4:
        return order
    a, b, c = np.sort(random.choice(size + 1, 3, replace=False))
    swapped = np.concatenate((order[:a], order[b:c], order[a:b], order[c:]))
    first = int(random.integers(size))
    return _without(swapped, first, first + int(random.integers(1, 4)))


def _with(order: Integers, place: int, models: Integers) -> Integers:
    """The order with models put in at a place; much faster than ``np.insert``."""
    return np.concatenate((order[:place], models, order[place:]))


def _without(order: Integers, first: int, end: int) -> Integers:
    """The order without the models from a place to before another; much faster than ``np.delete``."""
    return np.concatenate((order[:first], order[end:]))
