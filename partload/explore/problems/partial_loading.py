"""PartialLoading on the page: its sliders, the rows of its schedules, and what dragging a request does."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Sequence

from partload import console
from partload.explore.chart import Bar, Chip, Key, Row
from partload.explore.exploration import Exploration
from partload.explore.sliders import Setting, around, demand_size, latest, latest_deadline
from partload.instances.errors import InputError
from partload.instances.partial_loading.checker import RULES
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.solution import SlotRecord, Solution, upload_starts
from partload.instances.partial_loading.static import decided
from partload.instances.partial_loading.transform import without_sharing
from partload.plots import colours
from partload.plots.partial_loading.families import families

LOAD, UPLOAD, BATCH = "load", "upload", "batch"
MEMORY_STEP, MOST_MEMORY = 0.05, 3.0
"""Memory as multiples of the largest model."""
SHARED_STEPS = 20


def _largest(instance: Instance) -> float:
    return max((instance.size_of(model.blocks) for model in instance.models), default=0.0)


def _memory(instance: Instance) -> float | None:
    memory, largest = instance.server.memory_bytes, _largest(instance)
    return None if memory is None or largest == 0 else memory / largest


def _memory_stops(instance: Instance) -> Sequence[float]:
    count = round(MOST_MEMORY / MEMORY_STEP) if _largest(instance) > 0 else 0
    return [round(MEMORY_STEP * n, 2) for n in range(round(0.5 / MEMORY_STEP), count + 1)]


def _written_memory(instance: Instance, value: float | None) -> str:
    return "no limit" if value is None else console.megabytes(value * _largest(instance))


def _deadlines(instance: Instance) -> Sequence[float]:
    """Latest deadlines, as long as every request arrives before its own."""
    if not instance.requests:
        return ()
    now = latest(instance)
    least = now * max(one.arrival_s / one.deadline_s for one in instance.requests)
    return [value for value in around(now) if value > least * (1 + 1e-9)]


def _shares(instance: Instance) -> bool:
    users = Counter(block for model in instance.models for block in model.blocks)
    return any(count > 1 and instance.block_sizes[block] > 0 for block, count in users.items())


SETTINGS: tuple[Setting[Instance], ...] = (
    Setting(
        "bandwidth",
        "bandwidth",
        lambda _, value: console.hertz(value or 0.0),
        lambda instance: instance.server.bandwidth_hz,
        lambda instance: around(instance.server.bandwidth_hz),
    ),
    Setting(
        "load-rate",
        "load rate",
        lambda _, value: f"{console.megabytes(value or 0.0)}/s",
        lambda instance: instance.server.load_rate_bytes_per_s,
        lambda instance: around(instance.server.load_rate_bytes_per_s),
    ),
    Setting("memory", "memory", _written_memory, _memory, _memory_stops),
    latest_deadline(_deadlines),
    demand_size("requests"),
    Setting(
        "shared",
        "share of shared parameters",
        lambda _, value: f"{1.0 if value is None else value:.0%}",
        lambda _: 1.0,
        lambda instance: [step / SHARED_STEPS for step in range(SHARED_STEPS)] if _shares(instance) else (),
    ),
)


def chip(instance: Instance, name: str) -> Chip:
    """A request, with what it asks for."""
    request = instance.requests[instance.request_index[name]]
    weight = "" if request.weight == 1 else f", weight {request.weight:g}"
    arrival = f", arrives at {console.seconds(request.arrival_s)}" if request.arrival_s else ""
    due = console.seconds(request.deadline_s)
    return Chip(request.id, f"{request.id}: model {request.model}, due at {due}{weight}{arrival}")


def rows(instance: Instance, solution: Solution, sharing: Instance) -> tuple[Row, ...]:
    """A row for each slot: its load, its uploads and its batch. Models that share in ``sharing`` have one hue."""
    styles = colours.styles(families((model.id for model in sharing.models), sharing))
    found, starts = [], upload_starts(solution.slots, instance)
    for number, (slot, upload_start) in enumerate(zip(solution.slots, starts), 1):
        served = [instance.requests[instance.request_index[name]] for name in slot.requests]
        found.append(
            Row(
                title=slot.model,
                colour=styles[slot.model][0],
                chips=tuple(chip(instance, name) for name in slot.requests),
                bars=tuple(_bars(instance, number, slot, upload_start)),
                deadline_s=min((request.deadline_s for request in served), default=None),
                end_s=slot.end_s,
                note=f"loads {console.megabytes(instance.size_of(slot.loaded_blocks or ()))}",
            )
        )
    return tuple(found)


def _bars(instance: Instance, number: int, slot: SlotRecord, upload_start: float) -> list[Bar]:
    loaded = console.megabytes(instance.size_of(slot.loaded_blocks or ()))
    spans = (
        (LOAD, f"loads {loaded}", slot.start_s, slot.load_end_s),
        (UPLOAD, f"uploads of {len(slot.requests)} requests", upload_start, slot.upload_end_s),
        (BATCH, f"batch of {len(slot.requests)} requests", slot.ready_s, slot.end_s),
    )
    return [
        Bar(
            kind,
            lane,
            ((start, end),),
            f"slot {number}: {what}, from {console.seconds(start)} to {console.seconds(end)}",
        )
        for lane, (kind, what, start, end) in enumerate(spans)
        if start is not None and end is not None and end > start
    ]


def move(instance: Instance, plan: Plan, request: str, target: str) -> Plan:
    """The plan with a request in another slot, in a slot of its own at the end (``new``), or not served (``none``).

    The band is divided anew, in the best way for the slots; a request that no bandwidth gets there in time has the
    whole band. A slot that is left empty goes.

    Raises
    ------
    InputError
        On a request or a slot that is not there.
    """
    if request not in instance.request_index:
        raise InputError(f"the instance has no request {request!r}", source="move")
    left = [dataclasses.replace(slot, requests=tuple(k for k in slot.requests if k != request)) for slot in plan]
    if target == "new":
        left.append(Slot(instance.requests[instance.request_index[request]].model, (request,)))
    elif target != "none":
        if target not in map(str, range(len(plan))):
            raise InputError(f"expected a slot from 0 to {len(plan) - 1}, new or none, got {target!r}", source="move")
        chosen = left[int(target)]
        left[int(target)] = dataclasses.replace(chosen, requests=(*chosen.requests, request))
    kept = tuple(slot for slot in left if slot.requests)
    return tuple(_finite(slot, instance.server.bandwidth_hz) for slot in decided(instance, kept))


def _finite(slot: Slot, band_hz: float) -> Slot:
    """The slot with the whole band in place of infinite bandwidths, which no file can hold."""
    if slot.bandwidth_hz is None:
        return slot
    finite = {name: share if math.isfinite(share) else band_hz for name, share in slot.bandwidth_hz.items()}
    return dataclasses.replace(slot, bandwidth_hz=finite)


EXPLORATION: Exploration[Instance, Slot, Solution] = Exploration(
    settings=SETTINGS,
    heuristic="greedy-sharing",
    without="sharing",
    do_without=without_sharing,
    legend=(
        Key(LOAD, "loading blocks"),
        Key(UPLOAD, "uploading inputs"),
        Key(BATCH, "inference of the batch"),
    ),
    chip=chip,
    rows=rows,
    move=move,
    new_row="a new slot at the end",
    hint="Drag a request into another slot, or pick it and then pick a slot: the checker answers.",
    rules=RULES,
    formulations=("sequence", "slot", "set-union", "cone", "joint"),
)
