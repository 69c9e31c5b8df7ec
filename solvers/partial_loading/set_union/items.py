"""An instance as a set-union knapsack: items that need elements, and the time that elements take.

*Elements* are the loads of blocks (those of the same items are one element), the setups of models, and the inference of
single requests. *Items* are the requests: an item is served if all its elements are paid for. Of the requests for one
model, those with the greatest weights are served first. So the request of rank r needs the inference of ranks 1, .., r,
and what is served of a model is the first so many. Where inference takes no time per request, all requests for a model
are one item.

Times are in deadlines: a set of elements is in time if their times sum up to 1 at most.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from partload.instances.partial_loading.instance import Instance, Model
from partload.instances.partial_loading.plan import Plan, Slot
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.dynamic.sharing_clusters import servable_models

Floats = NDArray[np.float64]
Need = tuple[str, str, int]
"""An element before they are numbered: what it is, of which block or model, and the rank of a request."""


@dataclasses.dataclass(frozen=True)
class Items:
    """M items that some plan serves, and N elements that take time."""

    instance: Instance
    requests: tuple[tuple[int, ...], ...]
    """Positions of the requests of each item."""
    weight: Floats
    """Weight of each item in units, shape (M,)."""
    uses: NDArray[np.bool_]
    """Which elements each item needs, shape (M, N)."""
    time: Floats
    """Time of each element in deadlines, above 0, shape (N,)."""

    def left(self, excluded: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The items of which nothing is excluded, shape (M,), given the elements that are, shape (N,)."""
        return np.logical_not(self.uses[:, excluded].any(axis=1))

    def plan(self, served: NDArray[np.bool_]) -> Plan:
        """The plan that serves some items, shape (M,): a slot for each model, in the order of the file."""
        of_model: dict[str, list[str]] = defaultdict(list)
        for item in np.flatnonzero(served).tolist():
            for position in self.requests[item]:
                request = self.instance.requests[position]
                of_model[request.model].append(request.id)
        order = self.instance.model_index
        return tuple(Slot(model, tuple(of_model[model])) for model in sorted(of_model, key=order.__getitem__))


def count(instance: Instance) -> tuple[int, int]:
    """How many items and elements there are at most, without making them."""
    asked, parts = servable_models(instance), set[str]()
    items = elements = 0
    for model in instance.models:
        if model.id in asked:
            ranks = len(asked[model.id]) if model.batch_per_request_s > 0 else 1
            items += ranks
            elements += ranks * (model.batch_per_request_s > 0) + (model.batch_setup_s > 0)
            parts.update(model.blocks)
    return items, elements + len(parts - set(instance.server.resident_blocks))


def items_of(instance: Instance, units: Floats) -> Items:
    """The items of a covered instance, given the weight of each request in units, shape (K,)."""
    deadline_s = min((request.deadline_s for request in instance.requests), default=1.0)
    asked, found = servable_models(instance), list[tuple[tuple[int, ...], list[Need]]]()
    for model in instance.models:
        if model.id in asked:
            found += _items(instance, model, sorted(asked[model.id].tolist(), key=lambda k: (-units[k], k)))
    time = _times(instance, deadline_s, {need for _, needs in found for need in needs})
    found = [(requests, [need for need in needs if time[need] > 0]) for requests, needs in found]
    found = [(requests, needs) for requests, needs in found if math.fsum(time[n] for n in needs) <= LATEST_END]
    users: dict[Need, list[int]] = defaultdict(list)
    for item, (_, needs) in enumerate(found):
        for need in needs:
            users[need].append(item)
    groups: dict[tuple[int, ...], list[Need]] = defaultdict(list)
    for need, by in users.items():
        groups[tuple(by)].append(need)
    uses = np.zeros((len(found), len(groups)), dtype=bool)
    for element, members in enumerate(groups):
        uses[list(members), element] = True
    return Items(
        instance=instance,
        requests=tuple(requests for requests, _ in found),
        weight=np.array([math.fsum(units[k] for k in requests) for requests, _ in found], dtype=float),
        uses=uses,
        time=np.array([math.fsum(time[need] for need in group) for group in groups.values()], dtype=float),
    )


def _items(instance: Instance, model: Model, ranked: list[int]) -> list[tuple[tuple[int, ...], list[Need]]]:
    """The items of a model and what they need."""
    resident = set(instance.server.resident_blocks)
    common: list[Need] = [("block", block, 0) for block in model.blocks if block not in resident]
    common.append(("setup", model.id, 0))
    if model.batch_per_request_s == 0:
        return [(tuple(ranked), common)]
    inference: list[Need] = [("inference", model.id, rank) for rank in range(len(ranked))]
    return [((position,), common + inference[: rank + 1]) for rank, position in enumerate(ranked)]


def _times(instance: Instance, deadline_s: float, needs: set[Need]) -> dict[Need, float]:
    """Time of each element in deadlines; infinite where it is beyond all numbers."""
    rate, index = instance.server.load_rate_bytes_per_s, instance.model_index
    found = {}
    for need in needs:
        what, name, _ = need
        if what == "block":
            seconds = instance.size_of(frozenset([name])) / rate
        else:
            model = instance.models[index[name]]
            seconds = model.batch_setup_s if what == "setup" else model.batch_per_request_s
        found[need] = seconds / deadline_s
    return found
