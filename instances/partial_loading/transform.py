"""Instances made from instances."""

from __future__ import annotations

import dataclasses

from instances.partial_loading.instance import Block, Instance


def without_sharing(instance: Instance) -> Instance:
    """The same instance with each model's blocks made private copies: what scheduling that knows no sharing faces.

    Block ``b`` of model ``i`` becomes ``i/b``. A block resident at time 0 stays so for the first model that uses it;
    blocks that no model uses are left out.
    """
    blocks: list[Block] = []
    models = []
    resident = set(instance.server.resident_blocks)
    kept: list[str] = []
    for model in instance.models:
        copies = {block: f"{model.id}/{block}" for block in model.blocks}
        blocks += [Block(copy, instance.block_sizes[block]) for block, copy in copies.items()]
        models.append(dataclasses.replace(model, blocks=tuple(copies.values())))
        kept += [copy for block, copy in copies.items() if block in resident]
        resident -= set(copies)
    return instance.replace(
        name=f"{instance.name} without sharing", blocks=tuple(blocks), models=tuple(models), resident_blocks=tuple(kept)
    )
