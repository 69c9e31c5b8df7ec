"""The states of the programme: what each model has served, and which shared blocks are resident.

*Visited sets.* A model that was not visited has digit 0, one that served its option o has digit o + 1. The digits of
all models, read as one number in mixed radix, are a *visited set* V.

*Contents.* Only *shared* blocks are worth keeping: those of two servable models or more, and those resident at time 0
that some servable model has. Bit j of a *content* R says whether shared block j is resident. All other blocks of a
model are private: they are loaded by its one visit and dropped after it.
"""

from __future__ import annotations

import bisect
import dataclasses
import itertools
from collections import Counter
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from partload.instances.partial_loading.instance import Instance, Model
from partload.instances.partial_loading.memory import fits
from partload.solvers.partial_loading.dynamic.sharing_clusters import servable_models
from partload.solvers.partial_loading.tool_switching.visit_options import Option, options

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class States:
    """The states of an instance with N servable models and B shared blocks."""

    instance: Instance
    choices: tuple[tuple[Option, ...], ...]
    """Options of each servable model; none is empty."""
    shared: tuple[str, ...]
    """Ids of the shared blocks; the position of a block is its bit."""

    @property
    def contents(self) -> int:
        """How many contents there are, 2^B."""
        return 1 << len(self.shared)

    @cached_property
    def strides(self) -> tuple[int, ...]:
        """What one more in the digit of a model adds to a visited set; the number of visited sets comes last."""
        return tuple(itertools.accumulate((len(own) + 1 for own in self.choices), lambda a, b: a * b, initial=1))

    @property
    def visited_sets(self) -> int:
        """How many visited sets there are."""
        return self.strides[-1]

    def digits(self, visited: Integers, model: int) -> Integers:
        """The digit of a model in some visited sets."""
        return visited // self.strides[model] % (len(self.choices[model]) + 1)

    @cached_property
    def weights(self) -> Floats:
        """Weight that each visited set has served, shape (visited sets,); a sum of few terms, not rounded once."""
        sums = np.zeros(1)
        for own in self.choices:
            sums = np.add.outer(np.array([0.0, *(option.weight for option in own)]), sums).ravel()
        return sums

    @cached_property
    def needs(self) -> tuple[int, ...]:
        """Shared blocks of each model, as a content."""
        sets = self.instance.block_sets
        return tuple(self.content(sets[own[0].model.id]) for own in self.choices)

    def content(self, blocks: frozenset[str]) -> int:
        """The shared blocks among some blocks."""
        return sum(1 << bit for bit, block in enumerate(self.shared) if block in blocks)

    def blocks(self, content: int) -> frozenset[str]:
        """The blocks of a content."""
        return frozenset(block for bit, block in enumerate(self.shared) if content >> bit & 1)

    def loads_s(self, model: int) -> Floats:
        """Time that a model takes to load after each content [s], shape (2^B,)."""
        server, blocks = self.instance.server, self.instance.block_sets[self.choices[model][0].model.id]
        need, known = self.needs[model], {}
        for part in _subsets(need):
            missing = blocks - self.blocks(part)
            size = self.instance.size_of(missing)
            known[part] = server.load_latency_s + size / server.load_rate_bytes_per_s if missing else 0.0
        return np.array([known[content & need] for content in range(self.contents)])

    def largest_batches(self, model: int) -> Integers:
        """Most requests that a batch of a model can have while each content and the model are resident, shape (2^B,).

        Up to the number of its requests; contents that lack a shared block of the model count as if they had it.
        """
        own, need = self.choices[model][0].model, self.needs[model]
        most = max(option.most for option in self.choices[model])
        known = {rest: self._largest_batch(own, rest, most) for rest in _subsets(self.contents - 1 - need)}
        return np.array([known[content & ~need] for content in range(self.contents)])

    def _largest_batch(self, model: Model, content: int, most: int) -> int:
        resident = self.blocks(content) | self.instance.block_sets[model.id]
        if fits(self.instance, resident, model, most):
            return most
        return bisect.bisect(range(1, most), False, key=lambda u: not fits(self.instance, resident, model, u))


def states(instance: Instance) -> States:
    """The states of an instance."""
    servable = servable_models(instance)
    models = [instance.models[instance.model_index[name]] for name in servable]
    choices = (tuple(options(instance, model, servable[model.id])) for model in models)
    return States(instance, tuple(choices), shared_blocks(instance, list(servable)))


def shared_blocks(instance: Instance, servable: list[str]) -> tuple[str, ...]:
    """Ids of the blocks that are worth keeping, in the order of the instance."""
    owners = Counter(block for name in servable for block in instance.block_sets[name])
    owners.update(set(instance.server.resident_blocks) & set(owners))
    return tuple(block for block in instance.block_sizes if owners[block] > 1)


def _subsets(content: int) -> list[int]:
    """All contents within a content."""
    found = [0]
    for bit in range(content.bit_length()):
        if content >> bit & 1:
            found += [part | 1 << bit for part in found]
    return found
