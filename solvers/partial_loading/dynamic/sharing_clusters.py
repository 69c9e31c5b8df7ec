"""Sharing clusters: models that share the layers of one backbone, to one depth or to several (problems, fact 6).

Only models count that have a request and fit into memory with a batch of one. The blocks that a model shares with other
such models are its *prefix*; the rest are private. A cluster is a set of models that share blocks, directly or through
others, and whose prefixes are nested: of any two, one contains the other. The different prefixes are the *levels*
1, .., L, the smallest first; level 0 is the empty set. Backbone sharing has one level. A model that shares nothing is a
cluster of one, whose level 1 is the empty set, too.

After a model of level p, a model of level l loads its private blocks and, where p < l, what its prefix has beyond that
of level p. So its visit has l + 1 *load cases*, and one more, as the *opener* of the plan, where some of its blocks are
resident at time 0. In load case l the model is a *follower*, in the cases below l a *payer*.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from partload.instances.partial_loading.instance import Instance, Model
from partload.instances.partial_loading.memory import fits
from partload.solvers.registry import Limits

Floats = NDArray[np.float64]


class VisitCosts(Protocol):
    """Least times to serve requests of one model, counted in *units*: requests, or multiples of some weight."""

    def times(self, load_s: float) -> Floats:
        """Least times [s] of a visit that serves at least 1, 2, .. units; its first slot loads for ``load_s``."""

    def batches(self, load_s: float, units: int) -> list[list[int]]:
        """Positions of the requests of each slot of a visit that takes the least time."""


@dataclasses.dataclass(frozen=True)
class Member:
    """One model of a cluster."""

    model: Model
    level: int
    """l, from 1."""
    costs: VisitCosts
    loads_s: tuple[float, ...]
    """Load of its first slot in each load case: after level 0, 1, .., l or deeper; then, if it has one, as opener."""
    times: tuple[Floats, ...]
    """For each load case, the least times for 1, .., U units in deadlines, infinite where too late. All have shape
    (U,), with U the most units that the deadline allows in the best case."""

    @property
    def follower_time(self) -> Floats:
        """Least times as a follower, after a model of its own level or deeper; shape (U,)."""
        return self.times[self.level]

    @property
    def opener_time(self) -> Floats | None:
        """Least times as the opener, shape (U,); None where no resident block helps."""
        return self.times[self.level + 1] if len(self.times) > self.level + 1 else None


Cluster = tuple[Member, ...]
"""By increasing level."""


class Visit(NamedTuple):
    """A visit of a model: the load case of its first slot, and the number of units it serves."""

    member: Member
    load_case: int
    """Position in ``loads_s`` and ``times``."""
    units: int

    @property
    def time(self) -> float:
        """Its least time, in deadlines."""
        return float(self.member.times[self.load_case][self.units - 1])

    def batches(self) -> list[list[int]]:
        """Positions of the requests of each slot."""
        return self.member.costs.batches(self.member.loads_s[self.load_case], self.units)


NEEDS = "nested prefixes"
"""The structure that an instance must have beyond single features, as listings say it."""


def refusals(instance: Instance, limits: Limits) -> list[str]:
    """What violates the structure."""
    return list(_not_nested(instance))


def clusters(instance: Instance, costs: Mapping[str, VisitCosts], latest: float) -> list[Cluster]:
    """Clusters of a supported instance, with the models that can serve a request by ``latest`` deadlines.

    A model without an entry in ``costs`` serves no request.
    """
    prefixes = _prefixes(instance)
    return [
        tuple(members)
        for models in _connected(prefixes)
        if (members := list(_members(instance, {model: prefixes[model] for model in models}, costs, latest)))
    ]


def servable_models(instance: Instance) -> dict[str, NDArray[np.int64]]:
    """Models that have a request and fit into memory with a batch of one, with the positions of their requests."""
    order = np.argsort(instance.arrays.model, kind="stable")
    ends = np.searchsorted(instance.arrays.model[order], np.arange(len(instance.models) + 1)).tolist()
    spans = zip(instance.models, ends, ends[1:])
    return {
        model.id: order[first:end]
        for model, first, end in spans
        if end > first and fits(instance, model.blocks, model, 1)
    }


def _members(
    instance: Instance, prefixes: dict[str, frozenset[str]], costs: Mapping[str, VisitCosts], latest: float
) -> Iterator[Member]:
    """The models of a cluster that can serve a request in time, by increasing level."""
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
    least_times: dict[str, list[Floats]] = {}
    for model, prefix in prefixes.items():
        if model not in costs:
            continue
        blocks = instance.block_sets[model]
        following = [load_s(blocks - prefix), *([load_s(blocks - initial)] if blocks & initial else [])]
        found = [times(model, load) for load in following]
        size = max(_finite_length(time) for time in found)  # With private blocks resident, an opener may be fastest.
        if size:
            loads[model], least_times[model] = following, [time[:size] for time in found]
    levels = sorted({prefixes[model] for model in least_times}, key=len)
    before = [frozenset[str](), *levels]
    for model in sorted(least_times, key=lambda model: len(prefixes[model])):
        level = 1 + levels.index(prefixes[model])
        paying = [load_s(instance.block_sets[model] - before[p]) for p in range(level)]
        size = len(least_times[model][0])
        yield Member(
            model=instance.models[instance.model_index[model]],
            level=level,
            costs=costs[model],
            loads_s=(*paying, *loads[model]),
            times=(*(times(model, load)[:size] for load in paying), *least_times[model]),
        )


def _finite_length(time: Floats) -> int:
    """Position behind the last finite time."""
    finite = np.flatnonzero(np.isfinite(time))
    return int(finite[-1]) + 1 if len(finite) else 0


def _prefixes(instance: Instance) -> dict[str, frozenset[str]]:
    """The prefix of each servable model: the blocks that it shares with another servable model."""
    users: dict[str, int] = defaultdict(int)
    models = list(servable_models(instance))
    for model in models:
        for block in instance.block_sets[model]:
            users[block] += 1
    return {model: frozenset(b for b in instance.block_sets[model] if users[b] > 1) for model in models}


def _connected(prefixes: dict[str, frozenset[str]]) -> list[list[str]]:
    """The sets of models that share blocks, directly or through others, in the order of their first models."""
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
    """One pair of models with prefixes that are not nested for each connected set that is no cluster."""
    prefixes = _prefixes(instance)
    for models in _connected(prefixes):
        ordered = sorted(models, key=lambda model: len(prefixes[model]))
        for model, deeper in itertools.pairwise(ordered):
            here, there = prefixes[model] - prefixes[deeper], prefixes[deeper] - prefixes[model]
            if here:
                one, other = _listed(instance, here), _listed(instance, there)
                yield f"prefixes that are not nested: model {model!r} shares {one}, model {deeper!r} instead {other}"
                break


def _listed(instance: Instance, blocks: Iterable[str]) -> str:
    """Some block ids in the order of the instance; the first few where they are many."""
    wanted = set(blocks)
    names = [block.id for block in instance.blocks if block.id in wanted]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
