"""What a picture of a PartialLoading solution needs, and what a page says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partload import console
from partload.instances.errors import InputError
from partload.plots.captions import Caption

if TYPE_CHECKING:
    from partload.instances.partial_loading.instance import Instance
    from partload.instances.partial_loading.solution import SlotRecord, Solution

CAPTION: tuple[Caption, ...] = (
    ("makespan", "makespan_s", console.seconds),
    ("median latency", "latency_p50_s", console.seconds),
    ("99th percentile", "latency_p99_s", console.seconds),
    ("Jain's index", "jain_index", console.three_digits),
    ("GPU used", "gpu_utilisation", console.percent),
    ("uplink used", "uplink_utilisation", console.percent),
    ("loaded", "loaded_bytes", console.megabytes),
    ("saved by sharing", "shared_bytes", console.megabytes),
)


def refuse(solution: Solution, instance: Instance | None) -> None:
    """Raise InputError on a solution without times, or with ids that the instance does not have."""
    for n, slot in enumerate(solution.slots):
        if None in (slot.start_s, slot.load_end_s, slot.ready_s, slot.end_s):
            raise InputError("expected the times of the slot, they are not stated", f"slots[{n}]")
        if instance is not None:
            _refuse_strangers(slot, instance, f"slots[{n}]")


def _refuse_strangers(slot: SlotRecord, instance: Instance, place: str) -> None:
    """Refuse ids that the instance does not have, although it has the right name."""
    known = (("model", (slot.model,), instance.model_index), ("requests", slot.requests, instance.request_index))
    blocks = ("loaded_blocks", slot.loaded_blocks or (), instance.block_sizes)
    for key, names, ids in (*known, blocks):
        for name in names:
            if name not in ids:
                raise InputError(f"expected ids of instance {instance.name!r}, got {name!r}", f"{place}.{key}")
