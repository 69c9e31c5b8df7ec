"""The optimum of a tiny instance, by trying every plan that could matter. The oracle of the exact methods.

Up to about 4 models and 7 requests, flat channels. Only the data classes are shared with the project; the times and
the rules are written here once more. A search over slots, one after another; a *state* is what the future of a
schedule depends on:

    the set of requests served, the model that ran last, the resident blocks, and two clocks: end_n and the time at
    which the uplink has sent everything so far.

Times are doubles, and an end counts as on time up to a relative 1e-9, exactly as the format has it. That agrees with
the checker on ties, which exact arithmetic without tolerance would not: the doubles 0.1 + 0.2 end after a deadline
of 0.3. The two could differ only for an end within rounding (1e-15) of the outer edge of the tolerance, which data
with ties on purpose (small integers, tenths) cannot reach: there an end is either at the deadline, within rounding,
or away from it by far more than 1e-9. Memory is compared as fractions: exactly.

Three prunings, none of which can lose a plan that serves more:

- Of two states that differ in their clocks alone, one that is not later on either clock can do whatever the other can,
  slot by slot, and never ends later: every time is a monotone function of the two clocks, in doubles too.
- Of the sets of blocks that may stay resident, those inside another that also fits are left out: what the smaller set
  allows next, the larger one allows as well, with no more to load. (``every_set=True`` tries them all the same.)
- Once a model was left under visits ``once`` its remaining requests are lost; they are those of a model with a request
  served that is not the last one, so the state needs no list of models visited.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from instances.channels import FlatChannel
from instances.partial_loading.instance import Instance
from instances.partial_loading.plan import Plan, Slot

ON_TIME = 1 + 1e-9
Blocks = frozenset[str]


class State(NamedTuple):
    """What the future of a schedule depends on, but for its clocks."""

    served: int
    """The set of requests served, one bit each."""
    model: int
    """Position of the model that ran last; -1 before the first slot, and always with visits ``any``."""
    resident: Blocks


class Path(NamedTuple):
    """One way to reach a state: its clocks, its last slot, and the path to the slot before."""

    end_s: float
    uplink_end_s: float
    slot: Slot | None
    before: Path | None


class Batch(NamedTuple):
    """Some requests for one model, run together."""

    requests: tuple[str, ...]
    mask: int
    upload_s: float
    inference_s: float
    deadline_s: float
    activation_bytes: Fraction


def optimum(instance: Instance, every_set: bool = False) -> tuple[float, Plan]:
    """The greatest weight that any plan serves, and a plan that does.

    ``every_set`` tries every set of blocks that may stay resident, not only those inside no other that fits.
    """
    if instance.server.uplink == "static":
        raise ValueError("a static uplink couples all slots; this search decides them one after another")
    batches = [_batches(instance, number) for number in range(len(instance.models))]
    fronts: list[dict[State, list[Path]]] = [{} for _ in range(1 << len(instance.requests))]
    fronts[0][State(0, -1, frozenset(instance.server.resident_blocks))] = [Path(0.0, 0.0, None, None)]
    best, best_path = 0.0, fronts[0][next(iter(fronts[0]))][0]
    # A slot serves somebody new, so its state has a larger number of served requests when they are read as a binary.
    for served, front in enumerate(fronts):
        if not front:
            continue
        weight = math.fsum(r.weight for k, r in enumerate(instance.requests) if served >> k & 1)
        if weight > best:
            best, best_path = weight, next(iter(front.values()))[0]
        for state, paths in front.items():
            for following, path in _slots(instance, batches, state, paths, every_set):
                _keep(fronts[following.served].setdefault(following, []), path)
    return best, _plan(best_path)


def _batches(instance: Instance, number: int) -> list[Batch]:
    """Every batch that a model may run, whatever memory allows."""
    model = instance.models[number]
    asking = [(1 << k, request) for k, request in enumerate(instance.requests) if request.model == model.id]
    batches = []
    for count in range(1, min(len(asking), model.max_batch or len(asking)) + 1):
        for chosen in combinations(asking, count):
            loads = []
            for _, request in chosen:
                if not isinstance(request.channel, FlatChannel):
                    raise TypeError("the search knows flat channels only")
                loads.append(request.input_bits / request.channel.spectral_efficiency_bps_per_hz)
            batches.append(
                Batch(
                    requests=tuple(request.id for _, request in chosen),
                    mask=sum(bit for bit, _ in chosen),
                    upload_s=math.fsum(loads) / instance.server.bandwidth_hz,
                    inference_s=model.batch_setup_s + model.batch_per_request_s * count,
                    deadline_s=min(request.deadline_s for _, request in chosen),
                    activation_bytes=Fraction(model.activation_bytes_per_request) * count,
                )
            )
    return batches


def _slots(
    instance: Instance, batches: list[list[Batch]], state: State, paths: list[Path], every_set: bool
) -> Iterator[tuple[State, Path]]:
    """Every slot that may come next, with the state that it leads to."""
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
            kept = _resident_sets(instance, need, state.resident, batch.activation_bytes, every_set)
            for path in paths:
                end_s, uplink_end_s = _clocks(server.uplink, path, load_s, batch)
                if end_s > batch.deadline_s * ON_TIME:
                    continue
                for resident in kept:
                    following = State(state.served | batch.mask, number if server.visits == "once" else -1, resident)
                    slot = Slot(model.id, batch.requests, resident if server.residency == "cached" else None)
                    yield following, Path(end_s, uplink_end_s, slot, path)


def _clocks(uplink: str, path: Path, load_s: float, batch: Batch) -> tuple[float, float]:
    """Both clocks after a slot; the uplink's has no meaning for the slotted one and stays 0."""
    if uplink == "slotted":
        return path.end_s + max(load_s, batch.upload_s) + batch.inference_s, 0.0
    uplink_end_s = path.uplink_end_s + batch.upload_s
    return max(path.end_s + load_s, uplink_end_s) + batch.inference_s, uplink_end_s


def _resident_sets(
    instance: Instance, need: Blocks, before: Blocks, activation_bytes: Fraction, every_set: bool
) -> list[Blocks]:
    """The sets of blocks that may be in memory while a slot runs."""
    sizes = {block.id: Fraction(block.size_bytes) for block in instance.blocks}
    memory = instance.server.memory_bytes
    space = None if memory is None else Fraction(memory) - activation_bytes
    extra = sorted(before - need) if instance.server.residency == "cached" else []
    found: list[Blocks] = []
    for count in range(len(extra), -1, -1):
        for kept in combinations(extra, count):
            resident = need | frozenset(kept)
            if not every_set and any(resident < larger for larger in found):
                continue
            if space is None or sum(sizes[block] for block in resident) <= space:
                found.append(resident)
    return found


def _keep(front: list[Path], path: Path) -> None:
    """Add a path to those of a state, unless one is no later on both clocks; drop those that are now outdone."""
    if any(other.end_s <= path.end_s and other.uplink_end_s <= path.uplink_end_s for other in front):
        return
    front[:] = [o for o in front if not (path.end_s <= o.end_s and path.uplink_end_s <= o.uplink_end_s)]
    front.append(path)


def _plan(path: Path) -> Plan:
    slots = []
    while path.slot is not None and path.before is not None:
        slots.append(path.slot)
        path = path.before
    return tuple(reversed(slots))


def every_plan(instance: Instance, slots: Plan = ()) -> Iterator[Plan]:
    """Every plan in which each request is served at most once, by its model, good or bad: nothing is pruned.

    For instances so tiny that the search itself can be tested against it.
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
