"""The checker: whether a plan keeps every rule, and whether everything else in a solution file is true.

It works on instances and solutions alone, whoever made them. Times are recomputed by the clock from the decisions;
what a solution claims beyond its decisions is compared with what was recomputed. Deadlines, times and bandwidths are
compared within a relative 1e-9, so a plan that ends exactly at a deadline is feasible; memory, ids and counts exactly.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Iterator

from partload.instances import verdict
from partload.instances.numbers import exact
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.memory import bytes_used
from partload.instances.partial_loading.plan import Plan
from partload.instances.partial_loading.solution import Solution
from partload.instances.sums import total
from partload.instances.verdict import Report, Violation, check_time, check_values, exceeds, identity

RULES = verdict.RULES | {
    "unknown-id": "models, requests and blocks are those of the instance",
    "empty-slot": "a slot runs a batch of at least one request",
    "wrong-model": "a request is served by the model it asks for",
    "served-twice": "no request is served twice",
    "visits": "with visits 'once', the slots of a model stand next to each other",
    "max-batch": "no batch is larger than its model allows",
    "residency": "what stays resident holds the slot's model and was there before or belongs to it",
    "memory": "resident blocks and activations fit into memory",
    "bandwidth": "the bandwidths in use at one time sum to at most B, and only a slot's requests have some",
    "upload": "every input arrives: a request with bits to upload has bandwidth",
    "deadline": "a slot ends by the deadline of each of its requests",
    "loaded-blocks": "the blocks stated as loaded are those that were missing",
    "objective": "the objective stated is the weight of the requests served",
}


def objective(instance: Instance, plan: Plan) -> float:
    """Weight of the requests that a plan serves."""
    index = instance.request_index
    return math.fsum(instance.requests[index[request]].weight for slot in plan for request in slot.requests)


def check_plan(instance: Instance, plan: Plan) -> Report[clock.Times]:
    """Judge the decisions alone."""
    unknown = tuple(_unknown_ids(instance, plan))
    if unknown:
        return Report(unknown, None, None)
    times = clock.run(instance, plan)
    violations = (
        *_batches(instance, plan),
        *_served_twice(plan),
        *_visits(instance, plan),
        *_residency(instance, plan, times),
        *_memory(instance, plan, times),
        *_bandwidth(instance, plan, times),
        *_uploads(instance, plan, times),
        *_deadlines(instance, plan, times),
    )
    return Report(violations, objective(instance, plan), times)


def check(instance: Instance, solution: Solution) -> Report[clock.Times]:
    """Judge a solution: its decisions, and everything else that it claims.

    Violations of the rule ``instance`` come first, because they explain the others.
    """
    report = check_plan(instance, solution.plan())
    claims: list[Violation] = []
    if report.times is not None and report.objective is not None:
        claims += _claims_of_slots(solution, report.times)
        claims += check_values(solution, report.objective, empty=not solution.slots)
    return dataclasses.replace(report, violations=(*identity(instance, solution), *report.violations, *claims))


def _slot(number: int) -> str:
    return f"slots[{number}]"


def _unknown_ids(instance: Instance, plan: Plan) -> Iterator[Violation]:
    for n, slot in enumerate(plan):
        kinds = (
            ("model", (slot.model,), instance.model_index),
            ("request", slot.requests, instance.request_index),
            ("request", tuple(slot.bandwidth_hz or ()), instance.request_index),
            ("block", tuple(sorted(slot.resident_blocks or ())), instance.block_sizes),
        )
        for kind, ids, known in kinds:
            for name in ids:
                if name not in known:
                    yield Violation("unknown-id", _slot(n), (name,), None, f"the instance has no {kind} {name!r}")


def _batches(instance: Instance, plan: Plan) -> Iterator[Violation]:
    for n, slot in enumerate(plan):
        if not slot.requests:
            yield Violation("empty-slot", _slot(n), (slot.model,), None, f"no requests for model {slot.model!r}")
        for request in slot.requests:
            asked = instance.requests[instance.request_index[request]].model
            if asked != slot.model:
                problem = f"request {request!r} asks for model {asked!r}, the slot runs {slot.model!r}"
                yield Violation("wrong-model", _slot(n), (request, slot.model), None, problem)
        most = instance.models[instance.model_index[slot.model]].max_batch
        if most is not None and len(slot.requests) > most:
            problem = f"{len(slot.requests)} requests in one batch, model {slot.model!r} takes {most}"
            yield Violation("max-batch", _slot(n), (slot.model,), len(slot.requests) - most, problem)


def _served_twice(plan: Plan) -> Iterator[Violation]:
    served: Counter[str] = Counter()
    for n, slot in enumerate(plan):
        for request in slot.requests:
            served[request] += 1
            if served[request] == 2:
                yield Violation("served-twice", _slot(n), (request,), 1, f"request {request!r} was served before")


def _visits(instance: Instance, plan: Plan) -> Iterator[Violation]:
    if instance.visits_rule.may_return:
        return
    left: set[str] = set()
    for n, slot in enumerate(plan):
        if n > 0 and plan[n - 1].model != slot.model:
            left.add(plan[n - 1].model)
            if slot.model in left:
                yield Violation("visits", _slot(n), (slot.model,), 1, f"model {slot.model!r} is visited again")


def _residency(instance: Instance, plan: Plan, times: clock.Times) -> Iterator[Violation]:
    before, rule = frozenset(instance.server.resident_blocks), instance.residency_rule
    for n, slot in enumerate(plan):
        need = instance.block_sets[slot.model]
        resident = times.resident[n] if slot.resident_blocks is None else slot.resident_blocks
        allowed = rule.allowed(before, need)
        for blocks, problem in (
            (need - resident, "not kept while its model runs"),
            (resident - allowed, "never loaded"),
        ):
            if blocks:
                ids = tuple(sorted(blocks))
                size = instance.size_of(blocks)
                yield Violation("residency", _slot(n), ids, size, f"blocks {', '.join(ids)}: {problem}")
        before = times.resident[n]


def _memory(instance: Instance, plan: Plan, times: clock.Times) -> Iterator[Violation]:
    memory = instance.server.memory_bytes
    if memory is None:
        return
    for n, slot in enumerate(plan):
        model = instance.models[instance.model_index[slot.model]]
        used = bytes_used(instance, times.resident[n], model, len(slot.requests))
        if used > memory:
            yield Violation("memory", _slot(n), (slot.model,), used - memory, f"{exact(used)} bytes of {exact(memory)}")


def _bandwidth(instance: Instance, plan: Plan, times: clock.Times) -> Iterator[Violation]:
    band = instance.server.bandwidth_hz
    one_band = instance.uplink_discipline.one_band
    shares = iter(times.bandwidth_hz.tolist())
    over_all = []
    for n, slot in enumerate(plan):
        own = [next(shares) for _ in slot.requests]
        over_all += own
        strangers = tuple(sorted(set(slot.bandwidth_hz or ()) - set(slot.requests)))
        if strangers:
            problem = f"bandwidth for {', '.join(strangers)}, which the slot does not serve"
            yield Violation("bandwidth", _slot(n), strangers, None, problem)
        if not one_band and exceeds(total(own), band):
            yield _over_band(_slot(n), slot.requests, total(own), band)
    if one_band and exceeds(total(over_all), band):
        yield _over_band("slots", (), total(over_all), band)


def _over_band(place: str, ids: tuple[str, ...], used: float, band: float) -> Violation:
    return Violation("bandwidth", place, ids, used - band, f"{exact(used)} Hz in use of {exact(band)}")


def _without_bandwidth(instance: Instance, plan: Plan, times: clock.Times) -> Iterator[tuple[str, ...]]:
    """Of each slot, the requests that have bits to upload and no bandwidth."""
    shares = iter(times.bandwidth_hz.tolist())
    index = instance.request_index
    for slot in plan:
        pairs = [(request, next(shares)) for request in slot.requests]
        yield tuple(name for name, share in pairs if instance.requests[index[name]].input_bits > 0 and not share > 0)


def _uploads(instance: Instance, plan: Plan, times: clock.Times) -> Iterator[Violation]:
    for n, stuck in enumerate(_without_bandwidth(instance, plan, times)):
        if stuck:
            yield Violation("upload", _slot(n), stuck, None, f"no bandwidth to upload {', '.join(stuck)}")


def _deadlines(instance: Instance, plan: Plan, times: clock.Times) -> Iterator[Violation]:
    for n, (slot, stuck) in enumerate(zip(plan, _without_bandwidth(instance, plan, times))):
        if stuck:
            return  # From here on no slot ends, and the rule "upload" says why.
        end = float(times.end_s[n])
        for request in slot.requests:
            deadline = instance.requests[instance.request_index[request]].deadline_s
            if exceeds(end, deadline):
                problem = f"ends at {exact(end)} s, request {request!r} is due at {exact(deadline)} s"
                yield Violation("deadline", _slot(n), (request,), end - deadline, problem)


def _claims_of_slots(solution: Solution, times: clock.Times) -> Iterator[Violation]:
    for n, record in enumerate(solution.slots):
        if record.loaded_blocks is not None and Counter(record.loaded_blocks) != Counter(times.loaded[n]):
            odd = tuple(sorted(set(record.loaded_blocks) ^ times.loaded[n]))
            problem = f"stated and missing blocks differ: {', '.join(odd) or 'repeats'}"
            yield Violation("loaded-blocks", f"{_slot(n)}.loaded_blocks", odd, None, problem)
        for name in ("start_s", "load_end_s", "upload_end_s", "ready_s", "end_s"):
            true = float(getattr(times, name)[n])
            yield from check_time(f"{_slot(n)}.{name}", getattr(record, name), true)
