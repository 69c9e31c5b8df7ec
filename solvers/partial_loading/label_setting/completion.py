"""What a plan may still serve at most: a table by model, time and memory of what was taken, from a relaxation.

The relaxation drops one clock, rounds times down to multiples of a step, and forgets what a plan took but for a few
bits at each model (an *ng-route* relaxation, Baldacci, Mingozzi, Roberti 2011). A bit may then be taken twice, and
costs its price each time. With prices pi_b >= 0, a prefix that took the bits T, is at model p at time t and serves w
cannot be completed to more than

    w + sum of pi_b over bits not in T + V(p, t, T restricted to the memory of p),

where V(p, t, M) is the most that legs from there on are worth in the relaxation, each its weight less the prices of its
bits: a completion takes each bit not in T once at most and the others never. V does not grow with t, so rounding t down
is safe. A leg from step j ends no sooner than step max(j + floor(duration), floor(earliest end)), and begins no later
than its latest begin, rounded down: of a later step, no real time is left.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Literal

import numpy as np

from partload.solvers.partial_loading.label_setting.legs import Bits, Legs
from partload.solvers.partial_loading.label_setting.visits import Flags, Floats, Integers

Clock = Literal["end", "sent"]
DOWN = 1 - 1e-12
"""Factor on numbers of steps that are rounded down, with which rounding of their computation is safe."""
UP = 1 + 1e-12
MOST_ENTRIES = 2_000_000
"""Most numbers of one kind that are computed at a time."""


@dataclasses.dataclass(frozen=True)
class Steps:
    """The legs of one clock in steps of time; the horizon is T steps."""

    legs: Legs
    clock: Clock
    count: int
    """T."""
    duration: Integers
    earliest: Integers
    """Of the end."""
    latest: Integers
    """Of the begin."""

    @classmethod
    def of(cls, legs: Legs, clock: Clock, count: int) -> Steps:
        """Round the times of one clock."""
        ended = clock == "end"
        duration, earliest = (legs.after_end, legs.end) if ended else (legs.upload, legs.sent)
        latest = legs.latest_end if ended else legs.latest_sent
        return cls(
            legs,
            clock,
            count,
            rounded_down(duration, legs.horizon_s, count),
            rounded_down(earliest, legs.horizon_s, count),
            np.floor(np.minimum(latest / legs.horizon_s, 1.0) * count * UP).astype(np.int64),
        )


def rounded_down(time_s: Floats, horizon_s: float, count: int) -> Integers:
    """Times in steps, rounded down, and no more than ``count``."""
    steps: Integers = np.floor(np.minimum(time_s / horizon_s, 1.0) * count * DOWN).astype(np.int64)
    return steps


class Memory:
    """Which bits each model remembers, and how what is remembered at one becomes what is remembered at the next."""

    def __init__(self, legs: Legs, bits: Sequence[Sequence[int]]) -> None:
        self.bits = tuple(tuple(own) for own in bits)
        self.states = 1 << max(map(len, self.bits), default=0)
        """Most states of a memory: each is a number with a bit for each bit remembered."""
        nodes, states = legs.nodes, np.arange(self.states)
        self.passed = np.zeros((nodes + 1, nodes, self.states), dtype=np.int64)
        """Memory before a leg in the bits of its model, by node before it, node and memory."""
        for before, own in enumerate(self.bits):
            for node, after in enumerate(self.bits):
                for place, bit in enumerate(after):
                    if bit in own:
                        self.passed[before, node] |= (states >> own.index(bit) & 1) << place
        self.taken = np.zeros(len(legs), dtype=np.int64)
        """What each leg takes of what its model remembers, shape (E,)."""
        for node in range(nodes):
            at = legs.head == node
            self.taken[at] = self.of(legs.takes[at], node)
        self.after = states[None, :] | self.taken[:, None]
        """Memory after each leg, by memory before it, shape (E, states)."""
        self.forbidden: Flags = (states[None, :] & self.taken[:, None]) != 0
        """Whether it has taken one of those already, shape (E, states)."""

    def of(self, used: Bits, node: int) -> Integers:
        """The memory at a node of a plan that took some bits."""
        state = np.zeros(len(used), dtype=np.int64)
        for place, bit in enumerate(self.bits[node]):
            state |= (used >> np.uint64(bit) & np.uint64(1)).astype(np.int64) << place
        return state


@dataclasses.dataclass(frozen=True)
class Completion:
    """The table V at some prices."""

    steps: Steps
    memory: Memory
    prices: Floats
    """Price of each bit, shape (bits,)."""
    gain: Floats
    """Weight of each leg less the prices of its bits, shape (E,)."""
    value: Floats
    """V, shape (T + 1, N, states)."""
    root: float
    """V at the empty plan."""

    @property
    def bound(self) -> float:
        """Upper bound on the weight of any plan."""
        return float(self.prices.sum()) + self.root

    def repeated(self) -> tuple[Floats, list[tuple[int, list[int]]]]:
        """How often a best path of the relaxation takes each bit, and each bit taken again with the nodes between."""
        legs, nodes = self.steps.legs, self.steps.legs.nodes
        times, last = np.zeros(legs.bits), [-1] * legs.bits
        cycles: list[tuple[int, list[int]]] = []
        visited: list[int] = []
        node, step, state = nodes, 0, 0
        # A leg of no duration that gains may follow itself without end; no plan has more legs than bits.
        while len(visited) < legs.bits:
            best, following = 0.0, None
            for head in range(nodes):
                group = int(legs.group[node, head])
                if group < 0:
                    continue
                leg = np.arange(legs.first[group], legs.first[group + 1])
                before = int(self.memory.passed[node, head, state])
                leg = leg[(self.steps.latest[leg] >= step) & ~self.memory.forbidden[leg, before]]
                if not len(leg):
                    continue
                after, end = self.memory.after[leg, before], self._end(leg, step)
                value = self.value[end, head, after] + self.gain[leg]
                place = int(value.argmax())
                if value[place] > best:
                    best, following = float(value[place]), (int(leg[place]), int(end[place]), int(after[place]))
            if following is None:
                break
            chosen, step, state = following
            node = int(legs.head[chosen])
            taken = int(legs.takes[chosen])
            for bit in range(legs.bits):
                if taken >> bit & 1:
                    if last[bit] >= 0:
                        cycles.append((bit, visited[last[bit] :]))
                    times[bit] += 1
                    last[bit] = len(visited)
            visited.append(node)
        return times, cycles

    def _end(self, leg: Integers, step: int) -> Integers:
        return np.minimum(np.maximum(step + self.steps.duration[leg], self.steps.earliest[leg]), self.steps.count)


def completion(steps: Steps, memory: Memory, prices: Floats) -> Completion:
    """Compute V from the horizon back to time 0, as many steps at a time as no leg can end within."""
    legs = steps.legs
    gain = legs.weight - takings(legs) @ prices
    value = np.zeros((steps.count + 1, legs.nodes, memory.states))
    least = int(steps.duration.min(initial=steps.count))
    width = max(1, min(least, MOST_ENTRIES // max(1, len(legs) * memory.states)))
    rounds = 1 if least else max(1, legs.bits)  # No plan has more legs than bits.
    high = steps.count + 1
    while high > 0:
        low = max(0, high - width)
        for _ in range(rounds):
            best = _best(steps, memory, gain, value, low, high)
            found = np.zeros((high - low, legs.nodes, memory.states))
            for node in range(legs.nodes):
                group = legs.group[node]
                to = np.flatnonzero(group >= 0)
                if len(to):
                    found[:, node] = best[:, group[to, None], memory.passed[node, to]].max(axis=1).clip(min=0.0)
            same = np.array_equal(found, value[low:high])
            value[low:high] = found
            if same:
                break
        high = low
    start = legs.group[legs.nodes]
    best = _best(steps, memory, gain, value, 0, 1)
    root = float(best[0, start[start >= 0], 0].max(initial=0.0))
    return Completion(steps, memory, prices, gain, value, root)


def takings(legs: Legs) -> Floats:
    """Whether each leg takes each bit, as 0.0 or 1.0, shape (E, bits)."""
    return (legs.takes[:, None] >> np.arange(legs.bits, dtype=np.uint64) & np.uint64(1)).astype(float)


def _best(steps: Steps, memory: Memory, gain: Floats, value: Floats, low: int, high: int) -> Floats:
    """Best leg of each group and what follows it, from some steps and each memory, shape (steps, groups, states)."""
    legs = steps.legs
    begin = np.arange(low, high)[:, None]
    end = np.minimum(np.maximum(begin + steps.duration, steps.earliest), steps.count)
    worth = value[end[:, :, None], legs.head[:, None], memory.after]
    worth += gain[:, None]
    worth[begin > steps.latest] = -np.inf
    worth[:, memory.forbidden] = -np.inf
    best: Floats = np.maximum.reduceat(worth, legs.first[:-1], axis=1)
    return best
