"""Memory to the last byte, whole or not: what some models take with some requests, and one double more or less.

Bytes are whole, tenths, thirds, a billionth beside whole ones, or any doubles. The memory is their exact sum rounded
once, or what another order of adding up gives. Deadlines are generous, so that memory decides.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from fractions import Fraction
from random import Random

from partload.instances.partial_loading.instance import Block, Instance
from tests.support.nasty.draws import partial_loading

BYTES: tuple[Callable[[Random], float], ...] = (
    lambda random: float(random.randint(0, 9)),
    lambda random: random.randint(0, 9) / 10,
    lambda random: random.randint(0, 9) / 3,
    lambda random: random.randint(0, 9) + random.randint(0, 9) * 1e-9,
    lambda random: random.randint(0, 9) * 1e-12,
    lambda random: random.uniform(0, 9),
    lambda random: float(2**52 + random.randint(0, 9)),
)


def to_the_last_byte(random: Random, name: str) -> Instance:
    """Some slot of one model with some requests just fits, or just does not."""
    instance, drawn = partial_loading(random, name), random.choice(BYTES)
    blocks = tuple(Block(block.id, drawn(random)) for block in instance.blocks)
    models = tuple(dataclasses.replace(model, activation_bytes_per_request=drawn(random)) for model in instance.models)
    later = random.choice((1.0, 10.0, 1000.0))
    unit = max((block.size_bytes for block in blocks), default=0.0) or 1.0
    requests = tuple(dataclasses.replace(r, deadline_s=later * r.deadline_s) for r in instance.requests)
    made = instance.replace(blocks=blocks, models=models, requests=requests, load_rate_bytes_per_s=unit)
    return made.replace(memory_bytes=_memory(random, made) or unit)


def _memory(random: Random, instance: Instance) -> float:
    """What a slot of one of the models asked for takes, perhaps with a block kept beside its own."""
    request, sizes = random.choice(instance.requests), instance.block_sizes
    model = instance.models[instance.model_index[request.model]]
    cached = instance.server.residency == "cached" and random.random() < 0.5
    kept = {*model.blocks, *random.sample(sorted(sizes), min(cached, len(sizes)))}
    terms = [sizes[block] for block in kept]
    activations = [model.activation_bytes_per_request] * random.choice((1, 1, 2, 3))
    exact = float(sum(map(Fraction, terms + activations), Fraction(0)))
    in_order = 0.0
    for term in terms + activations:
        in_order += term
    apart = math.fsum(terms) + model.activation_bytes_per_request * len(activations)
    memory = random.choice((exact, exact, in_order, apart))
    return random.choice((memory, memory, math.nextafter(memory, 0.0), math.nextafter(memory, math.inf)))
