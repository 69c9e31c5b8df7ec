"""What a PartialLoading solution must state before it can be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partload.instances.errors import InputError

if TYPE_CHECKING:
    from partload.instances.partial_loading.instance import Instance
    from partload.instances.partial_loading.solution import SlotRecord, Solution


def validate(solution: Solution, instance: Instance | None) -> None:
    """Raise InputError on a solution without times, or with ids that the instance does not have."""
    for n, slot in enumerate(solution.slots):
        if None in (slot.start_s, slot.load_end_s, slot.ready_s, slot.end_s):
            raise InputError("expected the times of the slot, the solution does not state them", f"slots[{n}]")
        if instance is not None:
            _validate_ids(slot, instance, f"slots[{n}]")


def _validate_ids(slot: SlotRecord, instance: Instance, place: str) -> None:
    """Raise InputError on an id that the instance does not have: an instance of the right name may have other ids."""
    known = (("model", (slot.model,), instance.model_index), ("requests", slot.requests, instance.request_index))
    blocks = ("loaded_blocks", slot.loaded_blocks or (), instance.block_sizes)
    for key, names, ids in (*known, blocks):
        for name in names:
            if name not in ids:
                raise InputError(f"expected ids of instance {instance.name!r}, got {name!r}", f"{place}.{key}")
