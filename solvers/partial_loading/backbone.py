"""Backbone sharing recognised, and turned into time curves: what u requests of a model cost (problems, facts 3, 4, 6).

A cluster is a set of models that share one set of blocks, the backbone, and nothing else; a model that shares nothing
is a cluster of its own. Only models count that have a request and room in memory for a batch of one. Visiting the
models of a cluster in a row loads the backbone once: its first model, the payer, loads the whole of itself, each other
one its own blocks. The first model of the plan loads less where blocks are resident at time 0.

With load L in the first batch, at most q requests in one, and P(u) the upload time of the u least uploads, u requests
take

    max(L + P(u - q), P(u)) + ceil(u / q) alpha + beta u,

since the q largest uploads are best put where the load hides, and more batches than needed only cost.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from instances.partial_loading.instance import Instance, Model
from solvers.registry import Limits

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Member:
    """One model of a cluster.

    Curves are of shape (U,): least times for 1, .., U requests as shares of the deadline, U all that it allows;
    infinite where it does not.
    """

    model: Model
    batch: int
    """q, most requests in a batch."""
    requests: NDArray[np.int64]
    """Positions of its requests, the least upload first."""
    follow: Floats
    """After another model of the cluster."""
    pay: Floats
    """As the first of the cluster."""
    start: Floats
    """As the first of the plan; empty where that saves nothing."""


Cluster = tuple[Member, ...]


def lacks(instance: Instance, limits: Limits) -> list[str]:
    """What breaks the structure, and wishes of the caller that are not covered."""
    server, columns = instance.server, instance.arrays
    missing = []
    if limits.formulation is not None:
        missing.append(f"formulation {limits.formulation!r}")
    if limits.solver is not None:
        missing.append(f"solver {limits.solver!r}")
    if server.residency != "previous":
        missing.append(f"residency {server.residency!r}")
    if server.uplink != "slotted":
        missing.append(f"uplink {server.uplink!r}")
    if not columns.channel.flat.all():
        missing.append("power-limited channels")
    if len(columns.deadline_s) and np.ptp(columns.deadline_s) > 0:
        missing.append("more than one deadline")
    if len(columns.weight) and np.ptp(columns.weight) > 0:
        missing.append("weights that differ")
    odd = _shared_by_some(instance)
    if odd:
        missing.append(f"blocks shared by some but not all models of a cluster: {', '.join(odd)}")
    return missing


def clusters(instance: Instance, latest: float) -> list[Cluster]:
    """Clusters of a covered instance, as far as requests can be served by ``latest`` deadlines at all."""
    columns = instance.arrays
    order = np.lexsort((columns.spectrum_load, columns.model))
    first = np.searchsorted(columns.model[order], np.arange(len(instance.models) + 1))
    groups: dict[frozenset[str] | str, list[Member]] = defaultdict(list)
    for model, shared in _backbones(instance).items():
        number = instance.model_index[model]
        member = _member(instance, instance.models[number], shared, order[first[number] : first[number + 1]], latest)
        if len(member.follow):
            groups[shared or model].append(member)
    return [tuple(members) for members in groups.values()]


def _member(
    instance: Instance, model: Model, shared: frozenset[str], requests: NDArray[np.int64], latest: float
) -> Member:
    server, blocks = instance.server, instance.block_sets[model.id]
    with np.errstate(over="ignore"):
        upload = np.cumsum(instance.arrays.spectrum_load[requests]) / server.bandwidth_hz
    deadline_s = instance.arrays.deadline_s[0]
    batch = _most_in_batch(instance, model, len(requests))

    def curve(missing: frozenset[str]) -> Floats:
        load = server.load_latency_s + instance.size_of(missing) / server.load_rate_bytes_per_s if missing else 0.0
        count = np.arange(1, len(requests) + 1)
        others = np.concatenate((np.zeros(min(batch, len(upload))), upload[: max(len(upload) - batch, 0)]))
        batches = -(-count // batch)
        with np.errstate(over="ignore"):
            time: Floats = np.maximum(load + others, upload) + batches * model.batch_setup_s
            time = (time + count * model.batch_per_request_s) / deadline_s
        time[time > latest] = np.inf
        return time

    follow, pay = curve(blocks - shared), curve(blocks)
    start = curve(blocks.difference(server.resident_blocks)) if blocks.intersection(server.resident_blocks) else pay[:0]
    size = max(int(np.isfinite(time).sum()) for time in (follow, start))  # With own blocks resident, starting is less.
    return Member(model, batch, requests, follow[:size], pay[:size], start[:size])


def _most_in_batch(instance: Instance, model: Model, count: int) -> int:
    """q, at most ``count``; memory is compared as the checker does, exactly."""
    most = min(count, model.max_batch or count)
    memory = instance.server.memory_bytes
    if memory is None:
        return most
    size, each = instance.size_of(model.blocks), model.activation_bytes_per_request
    if size + each * most <= memory:
        return most
    fits, too_many = 0, most
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        fits, too_many = (middle, too_many) if size + each * middle <= memory else (fits, middle)
    return fits


def _backbones(instance: Instance) -> dict[str, frozenset[str]]:
    """Blocks that each model that can serve anyone shares with another such model."""
    asked = np.flatnonzero(np.bincount(instance.arrays.model, minlength=len(instance.models)))
    able = [instance.models[number] for number in asked.tolist() if _fits(instance, instance.models[number])]
    users: dict[str, int] = defaultdict(int)
    for block in itertools.chain.from_iterable(model.blocks for model in able):
        users[block] += 1
    return {model.id: frozenset(block for block in model.blocks if users[block] > 1) for model in able}


def _fits(instance: Instance, model: Model) -> bool:
    memory = instance.server.memory_bytes
    return memory is None or instance.size_of(model.blocks) + model.activation_bytes_per_request <= memory


def _shared_by_some(instance: Instance) -> list[str]:
    """Blocks that are in the way of backbone sharing, in the order of the instance."""
    sets: dict[str, set[frozenset[str]]] = defaultdict(set)
    for shared in _backbones(instance).values():
        for block in shared:
            sets[block].add(shared)
    odd: set[str] = set()
    for among in sets.values():
        odd |= frozenset.union(*among) - frozenset.intersection(*among)
    return [block.id for block in instance.blocks if block.id in odd]
