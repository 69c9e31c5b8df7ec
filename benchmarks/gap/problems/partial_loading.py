"""PartialLoading in gap studies."""

from __future__ import annotations

import dataclasses

from partload.benchmarks.gap.rows import Bar, Row
from partload.instances.channels import FlatChannel
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.solution import Solution, upload_starts
from partload.instances.partial_loading.transform import without_sharing

__all__ = ["DEFAULT_METHODS", "TINY", "WARM_UP", "with_drawing", "without_sharing"]

MOST_BARS = 1000
"""Most slots in a row."""
DEFAULT_METHODS = ("exact", "local-search@1", "greedy-sharing", "greedy-rate")
WARM_UP = (None, "milp", "tangents")
PREVIOUS = Instance(
    "tiny",
    Server(1.0, 1.0),
    (Block("b", 1.0),),
    (Model("m", ("b",), 1.0, 1.0),),
    (Request("r", "m", 1.0, FlatChannel(1.0), 10.0),),
)
"""With the default rules."""
CACHED = PREVIOUS.replace(residency="cached", requests=(Request("r", "m", 0.0, FlatChannel(1.0), 10.0),))
TINY = (PREVIOUS, CACHED)


def with_drawing(row: Row, instance: Instance, solution: Solution) -> Row:
    """A row with the number of slots, and the first of them as bars."""
    slots = solution.slots[:MOST_BARS]
    bars = tuple(
        Bar(
            model=slot.model,
            requests=len(slot.requests),
            loaded_bytes=instance.size_of(slot.loaded_blocks or ()),
            start_s=slot.start_s or 0.0,
            load_end_s=slot.load_end_s or 0.0,
            upload_start_s=upload_start,
            upload_end_s=slot.upload_end_s or 0.0,
            ready_s=slot.ready_s or 0.0,
            end_s=slot.end_s or 0.0,
        )
        for slot, upload_start in zip(slots, upload_starts(slots, instance))
    )
    return dataclasses.replace(row, slots=len(solution.slots), bars=bars)
