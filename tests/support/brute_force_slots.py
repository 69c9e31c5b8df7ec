"""What both searches of the oracle share: every slot that may come next, how far limits stretch, and every plan.

A slot is a batch, what it has to load, and what stays resident. What is in memory is summed as fractions and rounded
once, as the format has it. One pruning happens here, which cannot lose a plan that serves more: of the sets of blocks
that may stay resident, those inside another that also fits are left out. What the smaller set allows next, the larger
one allows as well, with no more to load. (``every_set=True`` tries them all the same.)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from partload.instances.partial_loading.instance import Instance, Request
from partload.instances.partial_loading.plan import Plan, Slot

Blocks = frozenset[str]


class Stretch(NamedTuple):
    """How far limits with a tolerance may be exceeded: factors above 1."""

    deadline: float
    band: float


class Batch(NamedTuple):
    """Some requests for one model, run together."""

    asking: tuple[Request, ...]
    mask: int
    """The set of these requests, one bit each."""
    inference_s: float
    deadline_s: float
    arrival_s: float
    """The last arrival among them."""
    activation_bytes: Fraction


class State(NamedTuple):
    """What the slots that may follow depend on, but for time."""

    served: int
    """The set of requests served, one bit each."""
    model: int
    """Position of the model that ran last; -1 before the first slot, and always with visits ``any``."""
    resident: Blocks


class Step(NamedTuple):
    """A slot that may come next."""

    batch: Batch
    load_s: float
    slot: Slot
    after: State


def start(instance: Instance) -> State:
    """Nobody served, nothing run yet."""
    return State(0, -1, frozenset(instance.server.resident_blocks))


def weight(instance: Instance, served: int) -> float:
    """Weight of a set of requests."""
    return math.fsum(request.weight for k, request in enumerate(instance.requests) if served >> k & 1)


def batches(instance: Instance) -> list[list[Batch]]:
    """Every batch that each model may run, whatever memory allows."""
    return [_batches(instance, number) for number in range(len(instance.models))]


def _batches(instance: Instance, number: int) -> list[Batch]:
    model = instance.models[number]
    asking = [(1 << k, request) for k, request in enumerate(instance.requests) if request.model == model.id]
    found = []
    for count in range(1, min(len(asking), model.max_batch or len(asking)) + 1):
        for chosen in combinations(asking, count):
            batch = Batch(
                asking=tuple(request for _, request in chosen),
                mask=sum(bit for bit, _ in chosen),
                inference_s=model.batch_setup_s + model.batch_per_request_s * count,
                deadline_s=min(request.deadline_s for _, request in chosen),
                arrival_s=max(request.arrival_s for _, request in chosen),
                activation_bytes=Fraction(model.activation_bytes_per_request) * count,
            )
            found.append(batch)
    return found


def steps(instance: Instance, batches: list[list[Batch]], state: State, every_set: bool) -> Iterator[Step]:
    """Every slot that may come next.

    Once a model was left under visits ``once`` its remaining requests are lost; they are those of a model with a
    request served that is not the last one, so the state needs no list of models visited.
    """
    server = instance.server
    sizes = {block.id: block.size_bytes for block in instance.blocks}
    for number, model in enumerate(instance.models):
        asked = 0
        for batch in batches[number]:
            asked |= batch.mask
        if server.visits == "once" and number != state.model and asked & state.served:
            continue
        need = frozenset(model.blocks)
        missing = need - state.resident
        load_s = 0.0
        if missing:
            load_s = server.load_latency_s + math.fsum(sizes[b] for b in missing) / server.load_rate_bytes_per_s
        for batch in batches[number]:
            if batch.mask & state.served:
                continue
            names = tuple(request.id for request in batch.asking)
            for resident in _resident_sets(instance, need, state.resident, batch.activation_bytes, every_set):
                after = State(state.served | batch.mask, number if server.visits == "once" else -1, resident)
                slot = Slot(model.id, names, resident if server.residency == "cached" else None)
                yield Step(batch, load_s, slot, after)


def _resident_sets(
    instance: Instance, need: Blocks, before: Blocks, activation_bytes: Fraction, every_set: bool
) -> list[Blocks]:
    """The sets of blocks that may be in memory while a slot runs."""
    sizes = {block.id: Fraction(block.size_bytes) for block in instance.blocks}
    memory = instance.server.memory_bytes
    extra = sorted(before - need) if instance.server.residency == "cached" else []
    found: list[Blocks] = []
    for count in range(len(extra), -1, -1):
        for kept in combinations(extra, count):
            resident = need | frozenset(kept)
            if not every_set and any(resident < larger for larger in found):
                continue
            if memory is None or float(sum((sizes[block] for block in resident), activation_bytes)) <= memory:
                found.append(resident)
                if count == len(extra) and not every_set:
                    return found
    return found


def every_plan(instance: Instance, slots: Plan = ()) -> Iterator[Plan]:
    """Every plan in which each request is served at most once, by its model, good or bad: nothing is pruned.

    Without bandwidths. For instances so tiny that the searches themselves can be tested against it.
    """
    yield slots
    served = {name for slot in slots for name in slot.requests}
    before = frozenset(instance.server.resident_blocks)
    if slots and slots[-1].resident_blocks is not None:
        before = slots[-1].resident_blocks
    for model in instance.models:
        need = frozenset(model.blocks)
        waiting = [r.id for r in instance.requests if r.model == model.id and r.id not in served]
        extra = sorted(before - need)
        keeps = [need | frozenset(kept) for count in range(len(extra) + 1) for kept in combinations(extra, count)]
        for count in range(1, len(waiting) + 1):
            for chosen in combinations(waiting, count):
                for resident in keeps if instance.server.residency == "cached" else [None]:
                    yield from every_plan(instance, (*slots, Slot(model.id, chosen, resident)))
