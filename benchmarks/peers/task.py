"""What a peer is given, in whole ticks, and what it gives back.

A tick is the deadline divided by ``TICKS``. Every load, upload and inference time is rounded up to whole ticks, each
by itself and exactly, so a plan never takes less time in ticks than the clock says. A plan that ends by the deadline
in ticks is feasible. The reverse can fail by less than three ticks for each visit. So a bound that a peer proves
holds for the times in ticks alone, and ``partload.benchmarks.peers.comparison`` compares it with plans that are
feasible in ticks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TypedDict

from partload.instances.errors import InputError
from partload.instances.features import Support, unsupported
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.features import features
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan, Slot

TICKS = 10**7
"""The deadline in ticks: fine enough that 60 visits lose 2e-5 of it, and few enough digits for integer solvers."""

COVERED: Support = {
    "residency": ("previous",),
    "visits": ("once",),
    "uplink": ("slotted",),
    "channel": ("flat",),
    "deadlines": ("common",),
    "weights": ("equal",),
    "arrivals": ("none",),
}
"""Where loads by pairs of models and times by counts say all that there is to know."""


class Task(TypedDict):
    """An instance with N models that are asked for, model i with n_i requests. Times are in ticks."""

    instance_file: str
    """The instance itself, for the methods of this package."""
    time_limit: float
    """Seconds."""
    models: list[str]
    """Ids."""
    requests: list[list[str]]
    """Ids of the requests of each model, the least uploads first: the first v are those worth serving (fact 3)."""
    deadline: int
    load: list[list[int]]
    """``load[p][i]``: time to load model i right after model p; p = N stands for what is resident at time 0."""
    upload: list[list[int]]
    """``upload[i][v]``: time in which the whole band uploads the first v requests of model i, v = 0, .., n_i."""
    compute: list[list[int]]
    """``compute[i][v]``: inference time of a batch of v requests of model i; 0 for v = 0."""


class Answer(TypedDict):
    """What a peer found."""

    slots: list[tuple[str, list[str]]]
    """The plan: model id and request ids of each visit, in order."""
    bound: float | None
    """Upper bound on the number of requests served that the peer proved for the times it was given; None for none."""
    seconds: float
    """Of the clock on the wall, from the data in memory to the end of the search, building the model included."""
    cpu_seconds: float
    """Of the processor, of all threads, over the same span."""
    status: str
    """``proved``, ``time-limit``, or what went wrong."""


def task_of(instance: Instance, instance_file: Path, time_limit: float) -> Task:
    """The task of an instance, with times asked of the clock.

    Raises
    ------
    InputError
        When the instance has a feature that the peers' models do not have.
    """
    _ensure_covered(instance)
    requests = _requests(instance)
    due = instance.requests[0].deadline_s if instance.requests else 1.0
    models = list(requests)
    first = {model: Slot(model, (requests[model][0],)) for model in models}
    after = [[clock.loads(instance, (first[p], first[i])).load_s[1] for i in models] for p in models]
    after.append([clock.loads(instance, (first[i],)).load_s[0] for i in models])
    batches = {
        model: tuple(Slot(model, tuple(of[:v])) for v in range(1, len(of) + 1)) for model, of in requests.items()
    }
    return Task(
        instance_file=str(instance_file.resolve()),
        time_limit=time_limit,
        models=models,
        requests=list(requests.values()),
        deadline=TICKS,
        load=[ticks(row, due) for row in after],
        upload=[[0, *ticks(clock.uploads(instance, of)[0].tolist(), due)] for of in batches.values()],
        compute=[[0, *ticks(clock.inference_times(instance, of), due)] for of in batches.values()],
    )


def ticks(times_s: Sequence[float], deadline_s: float) -> list[int]:
    """Times [s] in whole ticks, rounded up, in exact arithmetic."""
    each = TICKS / Fraction(deadline_s)
    return [math.ceil(Fraction(time) * each) for time in times_s]


def plan_of(answer: Answer) -> Plan:
    """The plan of an answer."""
    return tuple(Slot(model, tuple(requests)) for model, requests in answer["slots"])


def end_in_ticks(task: Task, plan: Plan) -> int:
    """When a plan with one slot for each visit ends, in ticks: the times of the first v requests of each model."""
    before, end = len(task["models"]), 0
    for slot in plan:
        model, count = task["models"].index(slot.model), len(slot.requests)
        ready = max(task["load"][before][model], task["upload"][model][count])
        end += ready + task["compute"][model][count]
        before = model
    return end


def _requests(instance: Instance) -> dict[str, list[str]]:
    """Ids of the requests of each model that is asked for, the least uploads first."""
    alone = instance.arrays.alone_s(instance.server.bandwidth_hz).tolist()
    order = sorted(range(len(alone)), key=lambda k: (alone[k], k))
    requests: dict[str, list[str]] = {}
    for k in order:
        requests.setdefault(instance.requests[k].model, []).append(instance.requests[k].id)
    return requests


def _ensure_covered(instance: Instance) -> None:
    missing = unsupported(features(instance), COVERED)
    if missing:
        raise InputError(f"peers do not cover {', '.join(missing)}", source=instance.name)
    if instance.server.memory_bytes is not None or any(model.max_batch is not None for model in instance.models):
        raise InputError("peers do not cover limits on memory and batches", source=instance.name)
    if any(request.weight != 1 for request in instance.requests):
        raise InputError("peers do not cover weights other than 1", source=instance.name)
