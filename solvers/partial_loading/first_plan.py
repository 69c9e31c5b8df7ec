"""A first plan, at once: what an exact method has in hand if it is stopped before it finds a better one.

Visits are appended one after another; the next is the one that serves the most weight per second added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from instances.channels import upload_time
from instances.partial_loading import clock
from instances.partial_loading.checker import check_plan, objective
from instances.partial_loading.instance import Instance, Request
from instances.partial_loading.plan import Plan, Slot
from instances.partial_loading.static import decided


def growing_plans(instance: Instance) -> Iterator[Plan]:
    """Feasible plans, each one slot longer than the last."""
    waiting = _by_model(instance)
    plan: Plan = ()
    while waiting:
        end, weight = _end(instance, plan), objective(instance, plan)
        best: tuple[float, Plan] | None = None
        for model in waiting:
            longer = _longest(instance, plan, model, waiting[model])
            if longer == plan:
                continue
            rate = (objective(instance, longer) - weight) / max(_end(instance, longer) - end, 1e-12)
            if best is None or rate > best[0]:
                best = rate, longer
        if best is None:
            return
        plan = best[1]
        yield plan
        served = set(plan[-1].requests)
        waiting[plan[-1].model] = [k for k in waiting[plan[-1].model] if k.id not in served]
        waiting = {model: requests for model, requests in waiting.items() if requests}


def _by_model(instance: Instance) -> dict[str, list[Request]]:
    waiting: dict[str, list[Request]] = defaultdict(list)
    for request in instance.requests:
        waiting[request.model].append(request)
    return dict(waiting)


def _longest(instance: Instance, plan: Plan, model: str, requests: list[Request]) -> Plan:
    """The plan and one more slot of a model with the most weight that still is feasible; the plan itself if none is."""
    candidates = [plan]
    for ordered in _orders(instance, requests):
        fits, too_many = 0, len(ordered) + 1
        while too_many - fits > 1:  # One request more is never easier.
            size = (fits + too_many) // 2
            longer = decided(instance, (*plan, Slot(model, ordered[:size])))
            if check_plan(instance, longer).feasible:
                candidates.append(longer)
                fits = size
            else:
                too_many = size
    return max(candidates, key=lambda candidate: objective(instance, candidate))


def _orders(instance: Instance, requests: list[Request]) -> Iterator[tuple[str, ...]]:
    """Requests of a model, the least upload first and the latest deadline first."""
    columns, index = instance.arrays, instance.request_index
    whole_band = np.full(len(instance.requests), instance.server.bandwidth_hz)
    upload = upload_time(columns.channel, columns.input_bits, whole_band)
    yield tuple(k.id for k in sorted(requests, key=lambda k: upload[index[k.id]]))
    if len({k.deadline_s for k in requests}) > 1:
        yield tuple(k.id for k in sorted(requests, key=lambda k: (-k.deadline_s, upload[index[k.id]])))


def _end(instance: Instance, plan: Plan) -> float:
    return float(clock.run(instance, plan).end_s[-1]) if plan else 0.0
