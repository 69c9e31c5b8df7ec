"""Which model may be loaded after which, and what it loads then. Data extraction only: nothing here knows a variable.

Two models that share nothing save nothing by following one another. So only those pairs have an arc where the second
loads less after the first than from empty memory. Each other visit is entered from the *hub*, at a full load, and the
hub may be left any number of times: a plan becomes a set of paths from the hub. Paths can be put one after another in
any order, and where one happens to follow a model that shares blocks with its first model, the plan only loads less.
"""

from __future__ import annotations

import dataclasses

from partload.formulations.partial_loading.slot.data import SlotData


@dataclasses.dataclass(frozen=True)
class Network:
    """Models, the hub and the start, which stands for the blocks resident at time 0."""

    hub: str
    start: str
    """The start is left once at most, and its path comes first in a plan."""
    load: dict[tuple[str, str], float]
    """L_{i,j} of every arc (i, j), in the unit of time of ``SlotData``."""

    def into(self, models: tuple[str, ...]) -> dict[str, list[str]]:
        """The predecessors of each model."""
        return {j: [i for i, other in self.load if other == j] for j in models}

    def out_of(self, nodes: tuple[str, ...]) -> dict[str, list[str]]:
        """The successors of each node."""
        successors: dict[str, list[str]] = {i: [] for i in nodes}
        for i, j in self.load:
            successors[i].append(j)
        return successors


def network(data: SlotData) -> Network:
    """The network of the usable models of an instance."""
    hub = "hub"
    while hub in data.instance.model_index or hub == data.start:
        hub += "'"
    sets, initial = data.instance.block_sets, frozenset(data.instance.server.resident_blocks)
    full = {j: data.load(frozenset(), j) for j in data.models}
    load = {(hub, j): time for j, time in full.items()}
    before = {data.start: initial} | {i: sets[i] for i in data.models}
    for i, blocks in before.items():
        for j in data.models:
            if i != j and (time := data.load(blocks, j)) < full[j]:
                load[i, j] = time
    return Network(hub, data.start, load)
