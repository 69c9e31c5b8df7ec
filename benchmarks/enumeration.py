"""Best plans of small instances by trying all plans with one slot per model: for what no method covers yet.

With a slotted uplink and one deadline for all, one slot per model is no loss where batches are not limited: slots of a
model can be merged, since inputs uploaded together are there no later than one set after the other (flat or
power-limited: bandwidth is convex in the rate). Otherwise it is a restriction, and what is found is a lower bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations, product

from instances.partial_loading.checker import check_plan, objective
from instances.partial_loading.instance import Instance
from instances.partial_loading.plan import Plan, Slot
from instances.partial_loading.static import with_least_bandwidths

MOST_REQUESTS = 10


def best_plan(instance: Instance) -> tuple[Plan, bool]:
    """The best plan with one slot per model, and whether no plan at all is better.

    Raises
    ------
    ValueError
        When there are more than ``MOST_REQUESTS`` requests.
    """
    if len(instance.requests) > MOST_REQUESTS:
        raise ValueError(f"expected at most {MOST_REQUESTS} requests, got {len(instance.requests)}")
    best: Plan = ()
    for batches in _choices(instance):
        weight = objective(instance, tuple(batches))
        if weight <= objective(instance, best):
            continue
        for plan in permutations(batches):
            decided = with_least_bandwidths(instance, plan) if instance.server.uplink == "static" else plan
            if check_plan(instance, decided).feasible:
                best = decided
                break
    server = instance.server
    unlimited = server.memory_bytes is None and all(model.max_batch is None for model in instance.models)
    one_deadline = len({request.deadline_s for request in instance.requests}) <= 1
    return best, unlimited and one_deadline and (server.uplink, server.visits) == ("slotted", "once")


def _choices(instance: Instance) -> Iterator[list[Slot]]:
    """Every set of requests, as one slot for each of their models."""
    per_model = []
    for model in instance.models:
        mine = [request.id for request in instance.requests if request.model == model.id]
        subsets = [chosen for size in range(len(mine) + 1) for chosen in combinations(mine, size)]
        per_model.append([(model.id, chosen) for chosen in subsets])
    for chosen in product(*per_model):
        yield [Slot(model, requests) for model, requests in chosen if requests]
