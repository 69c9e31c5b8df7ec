"""An oracle for visits ``once``, residency ``previous``: least times by the set of models visited and the last of them.

For up to about 8 models and some dozens of requests, beyond the brute force, which tries every slot. Nothing is pruned,
and nothing is shared with the project but the data classes. Also random instances of that size with general sharing.
"""

from __future__ import annotations

import dataclasses
import math
from random import Random

import numpy as np

from partload.instances.channels import FlatChannel
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from tests.support.random_backbones import random_nested
from tests.support.random_instances import random_instance


def random_general(seed: int, models: int = 7, requests: int = 30) -> Instance:
    """Blocks in random subsets of the models; small integers or tenths, so that plans end exactly at the deadline."""
    random = Random(f"general {seed}")
    subproblem = random.choice((1, 1, 10))

    def number(most: int) -> float:
        return random.randint(0, most * subproblem) / subproblem

    blocks = tuple(Block(f"b{j}", float(random.randint(0, 5))) for j in range(random.randint(models, 3 * models)))
    limited, heavy = random.random() < 0.4, random.choice((1, 3, 6))
    own = [tuple(b.id for b in random.sample(blocks, random.randint(0, min(5, len(blocks))))) for _ in range(models)]
    chosen = tuple(
        Model(
            f"m{i}",
            own[i],
            batch_setup_s=number(2),
            batch_per_request_s=number(1),
            activation_bytes_per_request=float(random.choice((0, 1, 2))),
            max_batch=random.choice((None, 1, 2, 3)) if limited else None,
        )
        for i in range(models)
    )
    size = {block.id: block.size_bytes for block in blocks}
    largest = max(sum(size[b] for b in names) for names in own)
    server = Server(
        bandwidth_hz=random.choice((1.0, 2.0, 3.0)),
        load_rate_bytes_per_s=random.choice((1.0, 1.0, 2.0, 3.0)),
        load_latency_s=random.choice((0.0, 0.0, number(2))),
        memory_bytes=None if random.random() < 0.6 else max(1.0, largest + random.randint(-2, 6)),
        resident_blocks=tuple(b.id for b in blocks if random.random() < 0.3) if random.random() < 0.5 else (),
    )
    due, weight = float(random.randint(2, 4 * models)), random.choice((1.0, 1.0, 2.5, 0.1))
    asked = tuple(
        Request(f"r{k}", f"m{random.randrange(models)}", number(heavy), FlatChannel(1.0), due, weight)
        for k in range(requests)
    )
    return Instance(f"general-{seed}", server, blocks, chosen, asked)


def tiny_general(seed: int) -> Instance:
    """An instance for the brute force: one deadline, one weight, visits ``once``; any sharing, or nested prefixes."""
    if seed % 3 == 2:
        return random_nested(seed).replace(visits="once")
    instance = random_instance(seed, ("slotted",))
    due = sorted(request.deadline_s for request in instance.requests)[len(instance.requests) // 2]
    weight = (1.0, 0.1, 3.0)[seed // 3 % 3]
    alike = tuple(dataclasses.replace(request, deadline_s=due, weight=weight) for request in instance.requests)
    return instance.replace(residency="previous", visits="once", requests=alike)


def most_served(instance: Instance) -> int:
    """Most requests that any plan serves."""
    names = [model.id for model in instance.models]
    total = len(instance.requests)
    resident = frozenset(instance.server.resident_blocks)
    visits = {
        (before, name): _times(instance, name, instance.block_sets[before] if before else resident)
        for name in names
        for before in (None, *names)
        if before != name
    }
    least: dict[tuple[int, str | None], np.ndarray] = {(0, None): np.append(0.0, np.full(total, np.inf))}
    for used in range(1 << len(names)):
        for last in (None, *names):
            times = least.get((used, last))
            if times is None:
                continue
            for n, name in enumerate(names):
                if used >> n & 1 or not len(visits[last, name]):
                    continue
                key = used | 1 << n, name
                known = least.setdefault(key, np.full(total + 1, np.inf))
                for count, time in enumerate(visits[last, name], 1):
                    np.minimum(known[count:], times[: total + 1 - count] + time, out=known[count:])
    deadline = instance.requests[0].deadline_s * (1 + 1e-9)
    return max(int(np.flatnonzero(times <= deadline).max(initial=0)) for times in least.values())


def _times(instance: Instance, name: str, there: frozenset[str]) -> list[float]:
    """Least times for 1, 2, .. requests of a model, over every size of the first batch; empty where nobody fits."""
    server, model = instance.server, instance.models[instance.model_index[name]]
    missing = instance.block_sets[name] - there
    load = server.load_latency_s + sum(instance.block_sizes[b] for b in missing) / server.load_rate_bytes_per_s
    load = load if missing else 0.0
    most = _largest_batch(instance, model)
    upload = sorted(r.input_bits / server.bandwidth_hz for r in instance.requests if r.model == name)
    times = []
    for count in range(1, len(upload) + 1 if most else 1):
        ways = []
        for first in range(1, min(most, count) + 1):
            batches = 1 + math.ceil((count - first) / most)
            hidden, rest = sum(upload[count - first : count]), sum(upload[: count - first])
            ways.append(max(load, hidden) + rest + batches * model.batch_setup_s + count * model.batch_per_request_s)
        times.append(min(ways))
    return times


def _largest_batch(instance: Instance, model: Model) -> int:
    most = model.max_batch or len(instance.requests)
    if instance.server.memory_bytes is None:
        return most
    left = instance.server.memory_bytes - sum(instance.block_sizes[block] for block in model.blocks)
    if left < 0:
        return 0
    each = model.activation_bytes_per_request
    return most if each == 0 else min(most, int(left // each))
