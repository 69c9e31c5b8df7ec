"""The dynamic programme: least time at which each state can be reached.

    T(V + o, c) = min over R with c in R + J_i of  T(V, R) + time of option o of model i after R,   c fits, J_i in c,

where V is a visited set without model i and R a content. What a slot keeps is a decision, so c is any content that has
the model's blocks J_i, holds nothing that was not there before or belongs to the model, and fits beside the batch.
Times of visits depend on what is resident before and not on when they begin, because there is one deadline for all.
So the least time is all that has to be known of a state, and the programme is exact.

Visited sets with the same number of visits are a layer. All transitions of a layer by one option are made at once with
numpy: adding times, a minimum over the blocks of the model, and, for dropping blocks, a minimum over one bit after the
other. For N models with one request each, and B shared blocks, that takes O(N (N + B) 2^(N + B)) steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.tool_switching.states import States
from partload.solvers.partial_loading.tool_switching.visit_options import Option

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
CHUNK = 1 << 19
"""Most numbers in one numpy step, so that they stay in the caches of the processor."""


class Move(NamedTuple):
    """A way to visit a model: an option, with at most q requests in a batch."""

    model: int
    digit: int
    option: Option
    q: int
    time: Floats
    """Time of the visit after each content, in deadlines, shape (2^B,)."""
    fits: NDArray[np.bool_]
    """Whether each content with the model's blocks leaves memory for the batch, shape (2^B,)."""


class Step(NamedTuple):
    """One visit of a path."""

    move: Move
    resident: frozenset[str]
    """The shared blocks of the content that stays."""


class Programme:
    """Least times of all states, in deadlines; infinite for those that are not reached in time."""

    def __init__(self, states: States) -> None:
        self.states = states
        self.time: Floats = np.full((states.visited_sets, states.contents), np.inf)
        self.moves = [list(_moves(states, model)) for model in range(len(states.choices))]
        start = states.content(frozenset(states.instance.server.resident_blocks))
        self.time[0, start] = 0.0

    def run(self) -> None:
        """Fill the table, layer by layer."""
        every = np.arange(self.states.visited_sets)
        digits = [self.states.digits(every, model) for model in range(len(self.moves))]
        visits = np.sum([digit > 0 for digit in digits], axis=0) if digits else np.zeros(1)
        for layer in range(len(self.moves)):
            reached = every[visits == layer]
            reached = reached[np.isfinite(self.time[reached]).any(axis=1)]
            for model, moves in enumerate(self.moves):
                sources = reached[digits[model][reached] == 0]
                size = max(CHUNK // self.states.contents, 1)
                for first in range(0, len(sources), size):
                    for move in moves:
                        self._push(sources[first : first + size], move)

    def best_times(self) -> Floats:
        """Least time at which each visited set is reached, shape (visited sets,)."""
        best: Floats = self.time.min(axis=1)
        return best

    def path(self, visited: int) -> list[Step]:
        """The visits that reach a visited set in the least time."""
        content = int(self.time[visited].argmin())
        steps: list[Step] = []
        while visited:
            step, visited, content = self._last(visited, content)
            steps.append(step)
        return steps[::-1]

    def _push(self, sources: Integers, move: Move) -> None:
        """Make the transitions from some visited sets by one move."""
        shape, need = (2,) * len(self.states.shared), self.states.needs[move.model]
        axes = [1 + len(shape) - 1 - bit for bit in range(len(shape))]
        own = tuple(axis for bit, axis in enumerate(axes) if need >> bit & 1)
        reached = (self.time[sources] + move.time).reshape(len(sources), *shape)
        least = reached.min(axis=own, keepdims=True) if own else reached
        for axis in axes:
            if axis not in own:  # Dropping a block: a content is reached from those with it, too.
                without, with_it = (least.take([bit], axis=axis) for bit in (0, 1))
                least = np.concatenate((np.minimum(without, with_it), with_it), axis=axis)
        contents = np.flatnonzero((np.arange(self.states.contents) & need) == need)
        least = np.where(move.fits[contents], least.reshape(len(sources), -1), np.inf)
        least[least > LATEST_END] = np.inf
        targets = np.ix_(sources + move.digit * self.states.strides[move.model], contents)
        self.time[targets] = np.minimum(self.time[targets], least)

    def _last(self, visited: int, content: int) -> tuple[Step, int, int]:
        """The last visit of a path to a state, and the state before; the sums are those of ``_push``."""
        everything = np.arange(self.states.contents)
        for model, moves in enumerate(self.moves):
            digit = int(self.states.digits(np.array([visited]), model)[0])
            need = self.states.needs[model]
            if digit == 0 or content & need != need:
                continue
            before = visited - digit * self.states.strides[model]
            holds = (content & ~(everything | need)) == 0
            for move in moves:
                if move.digit == digit and move.fits[content]:
                    times = np.where(holds, self.time[before] + move.time, np.inf)
                    if times.min() == self.time[visited, content]:
                        return Step(move, self.states.blocks(content)), before, int(times.argmin())
        raise AssertionError("a state of the table is reached from none")


def _moves(states: States, model: int) -> Iterator[Move]:
    """All ways to visit a model."""
    load, largest = states.loads_s(model), states.largest_batches(model)
    deadline = states.instance.requests[0].deadline_s
    for digit, option in enumerate(states.choices[model], 1):
        for q in np.unique(np.minimum(largest, option.most)).tolist():
            if q > 0:
                with np.errstate(over="ignore"):
                    time = option.time_s(load, q) / deadline
                yield Move(model, digit, option, q, time, largest >= q)
