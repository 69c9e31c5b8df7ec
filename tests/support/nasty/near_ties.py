"""Limits moved to where some plan just keeps them, and from there by a relative 1e-10 to 1e-6, or a single double.

Deadlines are the ends of slots of a plan, the best one or any; the memory is what a slot takes. A band of SLIDE is the
sum of what some users need at least.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from random import Random

from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.static import decided
from partload.instances.slide import instance as slide
from tests.support.brute_force import optimum
from tests.support.brute_force_slide import least_bandwidth
from tests.support.nasty.draws import nudged, partial_loading, slides

WIDE = 1e22
"""A band [Hz] that is enough for anybody."""


def deadlines(random: Random, name: str) -> Instance:
    """Deadlines at, or next to, the ends of slots."""
    return due_at_ends(random, partial_loading(random, name), lambda end: nudged(random, end))


def due_at_ends(random: Random, instance: Instance, move: Callable[[float], float]) -> Instance:
    """The instance with deadlines at the ends of slots of some plan, each moved."""
    plan = optimum(instance)[1] if random.random() < 0.6 else _any_plan(random, instance)
    ends = clock.run(instance, decided(instance, plan)).end_s.tolist()
    due = {name: end for slot, end in zip(plan, ends) for name in slot.requests if 0 < end < math.inf}
    if not due:
        return instance
    common = len({request.deadline_s for request in instance.requests}) == 1
    one = move(random.choice(list(due.values())))
    requests = []
    for request in instance.requests:
        deadline = request.deadline_s
        if common:
            deadline = one
        elif request.id in due and random.random() < 0.8:
            deadline = move(due[request.id])
        requests.append(dataclasses.replace(request, deadline_s=deadline))
    return instance.replace(requests=tuple(requests))


def _any_plan(random: Random, instance: Instance) -> Plan:
    """Each model with some of its requests, in any order, each once; it need not keep any limit."""
    slots = []
    for model in random.sample(instance.models, len(instance.models)):
        asking = [request.id for request in instance.requests if request.model == model.id]
        served = random.sample(asking, random.randint(0, min(len(asking), model.max_batch or len(asking))))
        if served:
            slots.append(Slot(model.id, tuple(served)))
    return tuple(slots)


def slide_band(random: Random, name: str) -> slide.Instance:
    """A band that some users fill exactly, or miss by very little."""
    return with_band(random, slides(random, name))


def with_band(random: Random, instance: slide.Instance, later: float = 1.0) -> slide.Instance:
    """The instance with such a band, for deadlines that are longer by a factor."""
    wide, needed = instance.replace(bandwidth_hz=WIDE), []
    for user in instance.users:
        late = dataclasses.replace(user, deadline_s=user.deadline_s * later)
        allowed = [model for model in instance.models if model.id in instance.allowed(user)]
        least = min((least_bandwidth(wide, late, model) for model in allowed), default=math.inf)
        if 0 < least < math.inf:
            needed.append(least)
    if not needed:
        return instance
    filling = random.sample(needed, random.randint(1, len(needed)))
    return instance.replace(bandwidth_hz=nudged(random, math.fsum(filling)))
