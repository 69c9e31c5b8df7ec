"""Random instances with residency ``cached`` for the brute force: one deadline, visits ``once``, flat, slotted."""

from __future__ import annotations

import dataclasses
from random import Random

from partload.instances.partial_loading.instance import Instance
from tests.support.random_backbones import random_nested
from tests.support.random_instances import random_instance


def random_cached(seed: int, limited: bool | None = None) -> Instance:
    """The instance of a seed: any sharing or nested prefixes; weights that are equal, integers, tenths or any doubles.

    ``limited`` says whether memory is, where it is not None. Memory is often filled to the last byte, and plans often
    end exactly at the deadline.
    """
    random = Random(f"cached {seed}")
    instance = random_nested(seed) if seed % 3 == 2 else random_instance(seed, ("slotted",))
    due = random.choice(sorted(request.deadline_s for request in instance.requests))
    kind = random.choice(("equal", "integers", "tenths", "doubles"))

    def weight() -> float:
        if kind == "equal":
            return 0.1
        if kind == "doubles":
            return random.uniform(0.1, 3)
        return random.randint(1, 5) / (10 if kind == "tenths" else 1)

    asked = tuple(dataclasses.replace(request, deadline_s=due, weight=weight()) for request in instance.requests)
    memory = instance.server.memory_bytes
    if limited is False:
        memory = None
    elif limited and memory is None:
        sizes = [instance.size_of(model.blocks) for model in instance.models]
        memory = max(1.0, max(sizes) + random.randint(0, 3) * (1.0 if max(sizes) < 1000 else 1e6))
    return instance.replace(residency="cached", visits="once", memory_bytes=memory, requests=asked)


def random_union(seed: int) -> Instance:
    """The same with memory for everything, in half of the instances to the byte, and without uploads or batch limits.

    A third of the deadlines end a random set of loads exactly, or miss it by about the checker's tolerance.
    """
    instance = random_cached(seed, limited=False)
    random = Random(f"union {seed}")
    asked = tuple(dataclasses.replace(request, input_bits=0.0) for request in instance.requests)
    names = {request.model for request in asked}
    models = tuple(dataclasses.replace(m, max_batch=None, activation_bytes_per_request=0.0) for m in instance.models)
    every = frozenset(instance.server.resident_blocks).union(*(m.blocks for m in models if m.id in names))
    memory = max(1.0, instance.size_of(every)) if seed % 2 else None
    if seed % 3 == 1:
        loaded = instance.size_of(block for block in sorted(every) if random.random() < 0.6)
        near = random.choice((1, 1, 1 - 5e-10, 1 - 1e-9, 1 - 2e-9, 1 - 3e-9, 1 + 1e-9, 1 - 1e-8))
        due = max(loaded / instance.server.load_rate_bytes_per_s, 1e-9) * near
        asked = tuple(dataclasses.replace(request, deadline_s=due) for request in asked)
    return instance.replace(models=models, requests=asked, load_latency_s=0.0, memory_bytes=memory)
