"""Clusters recognised: models that share the layers of one backbone, to one depth or to several (problems, fact 6).

Only models count that have a request and room in memory for a batch of one. Each shares with the others some of its
blocks, its *prefix*; the rest is its own. A cluster is a set of models that share blocks, directly or through others,
and whose prefixes are nested: of any two, one is inside the other. Its prefixes are its *levels* 1, .., L, the least
first; level 0 is the empty set. Backbone sharing has one level; a model that shares nothing is a cluster of one, whose
level 1 is the empty set, too.

After a model of level p, one of level l loads its own blocks and, where p < l, what its prefix has beyond that of level
p. So there are l + 1 loads, *ways* to begin its visit, and one more where blocks are resident at time 0.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from partload.instances.partial_loading.instance import Instance, Model
from partload.instances.partial_loading.memory import fits
from partload.solvers.registry import Limits

Floats = NDArray[np.float64]


class Costs(Protocol):
    """What it costs to serve some of a model's requests, in *units*: requests, or multiples of some weight."""

    def times(self, load_s: float) -> Floats:
        """Least times [s] of a visit that serves at least 1, 2, .. units, ``load_s`` being that of its first slot."""

    def batches(self, load_s: float, units: int) -> list[list[int]]:
        """Positions of the requests of each slot of such a visit."""


@dataclasses.dataclass(frozen=True)
class Member:
    """One model of a cluster."""

    model: Model
    level: int
    """l, from 1."""
    costs: Costs
    loads_s: tuple[float, ...]
    """Load of its first slot after level 0, 1, .., l or deeper; then, where that is less, as the first of the plan."""
    times: tuple[Floats, ...]
    """For each of these, the least times for 1, .., U units as shares of the deadline, infinite where too late. All of
    shape (U,), U what the deadline allows in the best case."""

    @property
    def follow(self) -> Floats:
        """Times after a model of its own level or deeper."""
        return self.times[self.level]

    @property
    def start(self) -> Floats | None:
        """Times as the first of the plan; None where nothing that is resident helps."""
        return self.times[self.level + 1] if len(self.times) > self.level + 1 else None


Cluster = tuple[Member, ...]
"""By level, the least first."""


class Visit(NamedTuple):
    """A visit to a model: how its first slot loads, and how many units it serves."""

    member: Member
    way: int
    """Position in ``loads_s`` and ``times``."""
    units: int

    @property
    def time(self) -> float:
        """As a share of the deadline."""
        return float(self.member.times[self.way][self.units - 1])

    def batches(self) -> list[list[int]]:
        """Positions of the requests of each slot."""
        return self.member.costs.batches(self.member.loads_s[self.way], self.units)


NEEDS = "nested prefixes"
"""What an instance has to have beyond single features, as listings say it."""


def refusals(instance: Instance, limits: Limits) -> list[str]:
    """What breaks the structure."""
    return list(_not_nested(instance))


def clusters(instance: Instance, costs: dict[str, Costs], latest: float) -> list[Cluster]:
    """Clusters of a covered instance, as far as requests can be served by ``latest`` deadlines at all.

    Models without an entry in ``costs`` serve nobody.
    """
    prefixes = _prefixes(instance)
    return [
        tuple(members)
        for models in _connected(prefixes)
        if (members := list(_members(instance, {model: prefixes[model] for model in models}, costs, latest)))
    ]


def able(instance: Instance) -> dict[str, NDArray[np.int64]]:
    """Models that have a request and room in memory for a batch of one, each with the positions of its requests."""
    order = np.argsort(instance.arrays.model, kind="stable")
    ends = np.searchsorted(instance.arrays.model[order], np.arange(len(instance.models) + 1)).tolist()
    spans = zip(instance.models, ends, ends[1:])
    return {
        model.id: order[first:end]
        for model, first, end in spans
        if end > first and fits(instance, model.blocks, model, 1)
    }


def _members(
    instance: Instance, prefixes: dict[str, frozenset[str]], costs: dict[str, Costs], latest: float
) -> Iterator[Member]:
    """The models of a cluster that can serve anybody in time, by level."""
    server = instance.server
    deadline_s = instance.arrays.deadline_s[0]
    initial = frozenset(server.resident_blocks)

    def load_s(missing: frozenset[str]) -> float:
        return server.load_latency_s + instance.size_of(missing) / server.load_rate_bytes_per_s if missing else 0.0

    def times(model: str, load_s: float) -> Floats:
        with np.errstate(over="ignore"):
            share: Floats = costs[model].times(load_s) / deadline_s
        share[~(share <= latest)] = np.inf
        return share

    loads: dict[str, list[float]] = {}
    curves: dict[str, list[Floats]] = {}
    for model, prefix in prefixes.items():
        if model not in costs:
            continue
        blocks = instance.block_sets[model]
        waits = [load_s(blocks - prefix), *([load_s(blocks - initial)] if blocks & initial else [])]
        own = [times(model, wait) for wait in waits]
        size = max(_end(curve) for curve in own)  # With own blocks resident, starting is less than following.
        if size:
            loads[model], curves[model] = waits, [curve[:size] for curve in own]
    levels = sorted({prefixes[model] for model in curves}, key=len)
    before = [frozenset[str](), *levels]
    for model in sorted(curves, key=lambda model: len(prefixes[model])):
        level = 1 + levels.index(prefixes[model])
        paying = [load_s(instance.block_sets[model] - before[p]) for p in range(level)]
        size = len(curves[model][0])
        yield Member(
            model=instance.models[instance.model_index[model]],
            level=level,
            costs=costs[model],
            loads_s=(*paying, *loads[model]),
            times=(*(times(model, wait)[:size] for wait in paying), *curves[model]),
        )


def _end(curve: Floats) -> int:
    """Where the finite part of a curve ends."""
    finite = np.flatnonzero(np.isfinite(curve))
    return int(finite[-1]) + 1 if len(finite) else 0


def _prefixes(instance: Instance) -> dict[str, frozenset[str]]:
    """Blocks that each model that can serve anyone shares with another such model."""
    users: dict[str, int] = defaultdict(int)
    models = list(able(instance))
    for model in models:
        for block in instance.block_sets[model]:
            users[block] += 1
    return {model: frozenset(b for b in instance.block_sets[model] if users[b] > 1) for model in models}


def _connected(prefixes: dict[str, frozenset[str]]) -> list[list[str]]:
    """Models that share blocks, directly or through others, together; in the order of their first ones."""
    group: dict[str, list[str]] = {}
    with_block: dict[str, str] = {}
    for model, prefix in prefixes.items():
        joined = [model]
        met = {id(group[with_block[b]]): group[with_block[b]] for b in prefix if b in with_block}
        for other in sorted(met.values(), key=len):
            joined, other = other, joined
            joined += other
        for member in joined if len(met) > 1 else (model,):
            group[member] = joined
        with_block |= dict.fromkeys(prefix, model)
    return list({id(models): models for models in group.values()}.values())


def _not_nested(instance: Instance) -> Iterator[str]:
    """Pairs of models whose prefixes are not nested, one pair for each set of models that is no cluster."""
    prefixes = _prefixes(instance)
    for models in _connected(prefixes):
        ordered = sorted(models, key=lambda model: len(prefixes[model]))
        for model, deeper in itertools.pairwise(ordered):
            here, there = prefixes[model] - prefixes[deeper], prefixes[deeper] - prefixes[model]
            if here:
                one, other = _named(instance, here), _named(instance, there)
                yield f"prefixes that are not nested: model {model!r} shares {one}, model {deeper!r} instead {other}"
                break


def _named(instance: Instance, blocks: Iterable[str]) -> str:
    """Some block ids in the order of the instance; the first few where they are many."""
    wanted = set(blocks)
    names = [block.id for block in instance.blocks if block.id in wanted]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
