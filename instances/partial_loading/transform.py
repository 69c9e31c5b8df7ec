"""Instances made from instances."""

from __future__ import annotations

import dataclasses
from collections import Counter

from partload.instances.partial_loading.instance import Block, Instance


def without_sharing(instance: Instance) -> Instance:
    """The same instance with each model's blocks made private copies: what scheduling that knows no sharing faces."""
    return with_shared_part(instance, 0.0).replace(name=f"{instance.name} without sharing")


def with_shared_part(instance: Instance, part: float) -> Instance:
    """The same models, of which only a part still shares: of each block that several use, ``part`` of its bytes.

    The shared rest keeps the id ``b``; what model ``i`` has of it for itself becomes ``i/b``, primed where that is
    taken. Of a block resident at time 0 the shared rest stays so, and the copy of the first model that uses it. Blocks
    that no model uses are left out.

    Parameters
    ----------
    instance
        Any instance.
    part
        From 0, nothing is shared, to 1, everything stays as it is.
    """
    users = Counter(block for model in instance.models for block in model.blocks)
    taken = set(users)
    resident = set(instance.server.resident_blocks)
    blocks: dict[str, float] = {}
    kept: list[str] = []
    models = []
    for model in instance.models:
        own: list[str] = []
        for block in model.blocks:
            size = instance.block_sizes[block]
            first = block in resident
            shared = size if users[block] == 1 else part * size
            if users[block] == 1 or part > 0:
                own.append(block)
                if block not in blocks and first:
                    kept.append(block)
                blocks[block] = shared
            if users[block] > 1 and part < 1:
                copy = _free(f"{model.id}/{block}", taken)
                own.append(copy)
                blocks[copy] = size - shared
                if first:
                    kept.append(copy)
            resident.discard(block)
        models.append(dataclasses.replace(model, blocks=tuple(own)))
    return instance.replace(
        blocks=tuple(Block(name, size) for name, size in blocks.items()),
        models=tuple(models),
        resident_blocks=tuple(kept),
    )


def _free(name: str, taken: set[str]) -> str:
    """The name, primed until it is free, and taken from then on."""
    while name in taken:
        name += "'"
    taken.add(name)
    return name
