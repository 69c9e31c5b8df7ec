"""Random instances with backbone sharing or nested prefixes, small enough for the oracle and full of what is hard.

Integers and tenths on purpose, so that plans often end exactly at the deadline; uploads that hide the backbone, batch
limits, memory, load latency, resident blocks, blocks of size 0, requests without bits, models that are all backbone,
models with the same blocks or with none.
"""

from __future__ import annotations

import dataclasses
from random import Random

from partload.instances.channels import FlatChannel
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server


def random_backbone(seed: int, models: int | None = None, requests: int | None = None) -> Instance:
    """The instance of a seed; by default with up to 5 models and 7 requests."""
    return _made(Random(seed), f"backbone-{seed}", models, requests, nested=False)


def random_nested(seed: int, models: int | None = None, requests: int | None = None) -> Instance:
    """The same with prefixes of several depths, most of them in one cluster, and a request for each model or two."""
    return _made(Random(seed), f"nested-{seed}", models, requests, nested=True)


def random_weighted(seed: int, models: int | None = None, requests: int | None = None, real: bool = False) -> Instance:
    """One of either with weights: small integers or tenths, some of them equal; or any doubles."""
    random = Random(-1 - seed)
    instance = (random_nested if seed % 2 else random_backbone)(seed, models, requests)
    most, part = random.choice(((3, 1), (9, 1), (30, 10)))

    def weight() -> float:
        return random.uniform(0.1, 3) if real else random.randint(1, most) / part

    asked = tuple(dataclasses.replace(request, weight=weight()) for request in instance.requests)
    return instance.replace(name=f"weighted-{seed}", requests=asked)


def _made(random: Random, name: str, models: int | None, requests: int | None, nested: bool) -> Instance:
    tenths = random.random() < 0.3
    count = models or random.randint(3 if nested else 1, 5)

    def number(most: int) -> float:
        return random.randint(0, 10 * most) / 10 if tenths else float(random.randint(0, most))

    blocks: list[Block] = []

    def made(name: str, most: int, least: int = 0) -> tuple[str, ...]:
        own = [Block(f"{name}.{n}", float(random.randint(0, 4))) for n in range(random.randint(least, most))]
        blocks.extend(own)
        return tuple(block.id for block in own)

    if nested:
        backbones = [made("c0", 5, 2), made("c1", 3, 1)][: 1 + (random.random() < 0.2)]
    else:
        backbones = [made(f"c{c}", 2) for c in range(random.randint(1, max(1, count // 2 + 1)))]
    made_of = [_prefix(random, random.choice(backbones), nested) + made(f"m{i}", 2) for i in range(count)]
    limited = random.random() < 0.5
    chosen = tuple(
        Model(
            f"m{i}",
            made_of[i],
            batch_setup_s=number(2),
            batch_per_request_s=number(1),
            activation_bytes_per_request=float(random.choice((0, 1, 2))),
            max_batch=random.choice((None, 1, 2, 3)) if limited else None,
        )
        for i in range(count)
    )
    asked = requests or random.randint(count if nested else 1, 7)
    weight, deadline = random.choice((1.0, 1.0, 2.0, 0.1)), float(random.randint(4, 4 + 3 * asked))
    heavy = random.choice((1, 3, 8))

    def request(k: int) -> Request:
        channel = FlatChannel(random.choice((1.0, 1.0, 2.0)))
        model = chosen[k % count] if nested else random.choice(chosen)
        return Request(f"r{k}", model.id, number(heavy), channel, deadline, weight)

    server = Server(
        bandwidth_hz=random.choice((1.0, 1.0, 2.0, 3.0)),
        load_rate_bytes_per_s=random.choice((1.0, 1.0, 2.0, 3.0)),
        load_latency_s=random.choice((0.0, 0.0, number(2))),
        memory_bytes=None if random.random() < 0.6 else float(random.randint(3, 16)),
        visits=random.choice(("once", "any")),
        resident_blocks=tuple(b.id for b in blocks if random.random() < 0.2) if random.random() < 0.4 else (),
    )
    return Instance(name, server, tuple(blocks), chosen, tuple(map(request, range(asked))))


def _prefix(random: Random, backbone: tuple[str, ...], nested: bool) -> tuple[str, ...]:
    return backbone[: random.randint(min(1, len(backbone)), len(backbone))] if nested else backbone
