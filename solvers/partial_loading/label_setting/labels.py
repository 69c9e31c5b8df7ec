"""Labels: prefixes of plans, many at a time as columns. What extends, bounds and compares them.

A label is at the model that it visited last, at two clocks, took some bits and serves some weight. Of two labels at the
same model that took the same bits, the one that is no sooner on either clock and serves no more is *dominated*:
whatever follows it, follows the other in the same time or less.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from partload.solvers.partial_loading.label_setting.completion import MOST_ENTRIES, Completion, rounded_down, takings
from partload.solvers.partial_loading.label_setting.legs import Bits, Legs
from partload.solvers.partial_loading.label_setting.visits import Flags, Floats, Integers

NEIGHBOURS = 100
"""Labels before each label, by their end, with which it is compared."""


@dataclasses.dataclass(frozen=True)
class Labels:
    """Some labels; columns have shape (n,)."""

    used: Bits
    node: Integers
    end: Floats
    """End of the last slot [s]."""
    sent: Floats
    """End of all uploads [s]; 0 with the slotted uplink."""
    weight: Floats
    """In units."""
    unused: Floats
    """Sum of the prices of the bits not taken, by completion table, shape (tables, n)."""
    bound: Floats
    """The most that any completion serves."""
    parent: Integers
    """Position of the label that each one extends, in ``above``."""
    leg: Integers
    above: Labels | None

    def __len__(self) -> int:
        return len(self.node)

    def only(self, kept: Integers | Flags) -> Labels:
        """Some of the labels."""
        return Labels(
            self.used[kept],
            self.node[kept],
            self.end[kept],
            self.sent[kept],
            self.weight[kept],
            self.unused[:, kept],
            self.bound[kept],
            self.parent[kept],
            self.leg[kept],
            self.above,
        )

    def path(self, place: int) -> list[int]:
        """The legs of one label, the first one first."""
        path: list[int] = []
        labels: Labels = self
        while labels.above is not None:
            path.append(int(labels.leg[place]))
            place, labels = int(labels.parent[place]), labels.above
        return path[::-1]


def root(legs: Legs, tables: Sequence[Completion]) -> Labels:
    """The label of the empty plan."""
    bound = min(table.bound for table in tables)
    zero = np.zeros(1)
    prices = np.array([[float(table.prices.sum())] for table in tables])
    nobody = np.zeros(1, dtype=np.int64)
    return Labels(
        np.zeros(1, dtype=np.uint64), nobody + legs.nodes, zero, zero, zero, prices, zero + bound, nobody, nobody, None
    )


class Extension:
    """Extends labels by legs, and keeps those whose bound reaches a goal."""

    def __init__(self, legs: Legs, tables: Sequence[Completion]) -> None:
        self.legs, self.tables = legs, tables
        taken = takings(legs)
        self.cost = np.array([taken @ table.prices for table in tables])
        """Prices of the bits of each leg, shape (tables, E)."""

    def extended(self, labels: Labels, goal: float) -> Labels | None:
        """All extensions of some labels that may serve as much as the goal; None where there are none."""
        legs = self.legs
        parts: list[tuple[Integers, Integers, Floats, Floats, Floats]] = []
        for node in np.unique(labels.node).tolist():
            at = np.flatnonzero(labels.node == node)
            for head, group in enumerate(legs.group[node].tolist()):
                if group >= 0:
                    leg = np.arange(legs.first[group], legs.first[group + 1])
                    width = max(1, MOST_ENTRIES // len(leg))
                    for begin in range(0, len(at), width):
                        parts += self._pairs(labels, at[begin : begin + width], head, leg, goal)
        if not parts:
            return None
        parent, leg, end, sent, bound = (np.concatenate(column) for column in zip(*parts))
        return Labels(
            labels.used[parent] | legs.takes[leg],
            legs.head[leg],
            end,
            sent,
            labels.weight[parent] + legs.weight[leg],
            labels.unused[:, parent] - self.cost[:, leg],
            bound,
            parent,
            leg,
            labels,
        )

    def _pairs(
        self, labels: Labels, at: Integers, head: int, leg: Integers, goal: float
    ) -> Iterator[tuple[Integers, Integers, Floats, Floats, Floats]]:
        """Parent, leg, end, sent and bound of the extensions of some labels at one node to another."""
        legs = self.legs
        end, sent = labels.end[at], labels.sent[at]
        possible = (labels.used[at, None] & legs.takes[leg]) == 0
        possible &= (end[:, None] <= legs.latest_end[leg]) & (sent[:, None] <= legs.latest_sent[leg])
        row, column = np.nonzero(possible)
        if not len(row):
            return
        parent, leg = at[row], leg[column]
        end, sent = end[row], sent[row]
        sent_after = np.maximum(sent + legs.upload[leg], legs.sent[leg])
        end_after = np.maximum(np.maximum(end + legs.after_end[leg], sent + legs.after_sent[leg]), legs.end[leg])
        weight = labels.weight[parent] + legs.weight[leg]
        used = labels.used[parent] | legs.takes[leg]
        bound = labels.bound[parent]
        for number, table in enumerate(self.tables):
            steps = table.steps
            time = rounded_down(end_after if steps.clock == "end" else sent_after, legs.horizon_s, steps.count)
            more = table.value[time, head, table.memory.of(used, head)]
            bound = np.minimum(bound, weight + labels.unused[number, parent] - self.cost[number, leg] + more)
        kept = bound >= goal
        if kept.any():
            yield parent[kept], leg[kept], end_after[kept], sent_after[kept], bound[kept]


def undominated(labels: Labels) -> Labels:
    """The labels without most of those that are dominated."""
    order = np.lexsort((-labels.weight, labels.sent, labels.end, labels.node, labels.used))
    used, node, sent, weight = labels.used, labels.node, labels.sent, labels.weight
    distance = 1
    while distance <= NEIGHBOURS and distance < len(order):
        first, second = order[:-distance], order[distance:]
        alike = (used[first] == used[second]) & (node[first] == node[second])
        if not alike.any():
            break
        dominated = alike & (sent[first] <= sent[second]) & (weight[first] >= weight[second])
        order = order[np.concatenate((np.ones(distance, dtype=bool), ~dominated))]
        distance += 1
    return labels.only(order)
