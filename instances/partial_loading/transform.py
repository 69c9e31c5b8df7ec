"""Instances made from instances."""

from __future__ import annotations

import dataclasses

from instances.partial_loading.instance import Block, Instance


def without_sharing(instance: Instance) -> Instance:
    """The same instance with each model's blocks made private copies: what scheduling that knows no sharing faces.

    Block ``b`` of model ``i`` becomes ``i/b``, primed where that is taken. A block resident at time 0 stays so for the
    first model that uses it, and blocks that no model uses are left out.
    """
    blocks: list[Block] = []
    taken: set[str] = set()
    models = []
    resident = set(instance.server.resident_blocks)
    kept: list[str] = []
    for model in instance.models:
        copies = {block: _free(f"{model.id}/{block}", taken) for block in model.blocks}
        blocks += [Block(copy, instance.block_sizes[block]) for block, copy in copies.items()]
        models.append(dataclasses.replace(model, blocks=tuple(copies.values())))
        kept += [copy for block, copy in copies.items() if block in resident]
        resident -= set(copies)
    return instance.replace(
        name=f"{instance.name} without sharing", blocks=tuple(blocks), models=tuple(models), resident_blocks=tuple(kept)
    )


def _free(name: str, taken: set[str]) -> str:
    """The name, primed until it is free, and taken from then on."""
    while name in taken:
        name += "'"
    taken.add(name)
    return name
