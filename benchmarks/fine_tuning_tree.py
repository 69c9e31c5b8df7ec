"""A second generator of general sharing: models of a tree of fine-tuning.

Each model but the first few starts from a random earlier model. It keeps a random share of its blocks and replaces the
others, in random places, by blocks of its own. So a block is shared by a model and those of its descendants that kept
it, and the shared sets are neither nested nor those of one backbone. Block sizes are log-normal: a few blocks make up
most of a model. Popularity is Zipf's over a random order of the models. Input sizes and spectral efficiencies vary by a
factor of about ten. Nothing here is taken from the generators that ship.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from partload.instances.channels import FlatChannel
from partload.instances.partial_loading.clock import run
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.plan import Slot

ROOTS = 3
"""Models that start from none."""
LOAD_RATE = 8e9
"""V [byte/s]."""
BLOCKS = 24
"""Blocks of each model."""
MEDIAN_BYTES = 30e6
"""Median size of a block."""


def fine_tuning_tree(
    models: int, requests: int, seed: int, *, bandwidth_hz: float = 100e6, share: float = 0.35
) -> Instance:
    """Generate an instance.

    Parameters
    ----------
    models
        Number of models, at least 1.
    requests
        Number of requests, all with one deadline.
    seed
        Seed of the random numbers.
    bandwidth_hz
        B.
    share
        The deadline as a part of the time in which the models, one after another, serve everybody.
    """
    rng = np.random.default_rng((seed, models, requests))
    sizes: list[int] = []  # Of each block [byte].
    blocks_of = _tree(models, sizes, rng)
    setup, each = rng.uniform(0.002, 0.02, models), rng.uniform(0.0005, 0.003, models)
    popularity = 1 / (1 + rng.permutation(models))
    asked = rng.choice(models, requests, p=popularity / popularity.sum())
    bits, efficiency = rng.uniform(1e5, 1e6, requests), rng.uniform(1, 8, requests)
    instance = Instance(
        f"fine-tuning-tree-{models}x{requests}-{seed}",
        Server(bandwidth_hz, LOAD_RATE),
        tuple(Block(f"b{j}", size) for j, size in enumerate(sizes)),
        tuple(
            Model(f"m{i}", tuple(f"b{j}" for j in blocks), float(setup[i]), float(each[i]))
            for i, blocks in enumerate(blocks_of)
        ),
        tuple(
            Request(f"r{k}", f"m{asked[k]}", float(bits[k]), FlatChannel(float(efficiency[k])), 1.0)
            for k in range(requests)
        ),
    )
    due = share * _time_for_all(instance)
    return instance.replace(requests=tuple(dataclasses.replace(r, deadline_s=due) for r in instance.requests))


def _tree(models: int, sizes: list[int], rng: np.random.Generator) -> list[tuple[int, ...]]:
    """The blocks of each model; the sizes of new blocks are added to ``sizes``."""
    blocks_of: list[tuple[int, ...]] = []
    for model in range(models):
        parent = blocks_of[rng.integers(model)] if model >= ROOTS else ()
        kept = rng.random(BLOCKS) < rng.uniform(0.2, 0.95) if parent else np.zeros(BLOCKS, bool)
        blocks = []
        for place in range(BLOCKS):
            if kept[place]:
                blocks.append(parent[place])
            else:
                blocks.append(len(sizes))
                sizes.append(int(MEDIAN_BYTES * rng.lognormal()))
        blocks_of.append(tuple(blocks))
    return blocks_of


def _time_for_all(instance: Instance) -> float:
    """Time [s] in which the models serve all requests, one after another in their order."""
    asking: dict[str, list[str]] = {model.id: [] for model in instance.models}
    for request in instance.requests:
        asking[request.model].append(request.id)
    plan = tuple(Slot(model, tuple(requests)) for model, requests in asking.items() if requests)
    return float(run(instance, plan).end_s[-1])
