"""A second opinion on plans and solutions: the rules of PartialLoading written straight from their statement.

Nothing here is shared with the project but the data classes. All arithmetic is exact (fractions of the data), so the
only tolerance is the one the format grants: a relative 1e-9 on deadlines, times and bandwidths, none on memory (exact
sums, rounded once), ids and counts. Exactness without that tolerance would be wrong: in the doubles of a file 0.1 + 0.2
lies above 0.3, and a plan that ends there is on time. Flat channels only.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, NamedTuple

from partload.instances.channels import FlatChannel
from partload.instances.partial_loading.instance import Instance, Model, Request
from partload.instances.partial_loading.plan import Plan
from partload.instances.partial_loading.solution import Solution
from partload.instances.solution import SolutionHeader

Exact = Fraction | float
"""A fraction, or infinity for what never happens."""
TOLERANCE = Fraction(1, 10**9)


class SlotTimes(NamedTuple):
    """Everything that follows from the decisions of one slot."""

    start_s: Exact
    load_end_s: Exact
    upload_end_s: Exact
    ready_s: Exact
    end_s: Exact
    loaded: frozenset[str]
    resident: frozenset[str]
    bandwidth_hz: dict[str, Fraction]


def exact(number: float) -> Fraction:
    """The fraction that a double is."""
    return Fraction(number)


def spectrum_load(request: Request) -> Fraction:
    """a_k = D_k / eta_k [Hz s]."""
    if not isinstance(request.channel, FlatChannel):
        raise TypeError("only flat channels have a load on the spectrum")
    return exact(request.input_bits) / exact(request.channel.spectral_efficiency_bps_per_hz)


def model_of(instance: Instance, name: str) -> Model:
    return next(model for model in instance.models if model.id == name)


def request_of(instance: Instance, name: str) -> Request:
    return next(request for request in instance.requests if request.id == name)


def size(instance: Instance, blocks: frozenset[str]) -> Fraction:
    return sum((exact(block.size_bytes) for block in instance.blocks if block.id in blocks), Fraction(0))


def timeline(instance: Instance, plan: Plan) -> list[SlotTimes]:
    """Times of a plan, slot by slot."""
    server = instance.server
    memory = frozenset(server.resident_blocks)
    end: Exact = Fraction(0)
    uploaded: Exact = Fraction(0)
    rows = []
    for slot in plan:
        model = model_of(instance, slot.model)
        missing = frozenset(model.blocks) - memory
        load = Fraction(0)
        if missing:
            load = exact(server.load_latency_s) + size(instance, missing) / exact(server.load_rate_bytes_per_s)
        if server.residency == "previous":
            memory = frozenset(model.blocks)
        elif slot.resident_blocks is None:
            memory = memory | frozenset(model.blocks)
        else:
            memory = slot.resident_blocks

        upload, bandwidth = _upload(instance, slot.requests, slot.bandwidth_hz)
        start = end
        load_end = start + load
        arrival = max((exact(request_of(instance, name).arrival_s) for name in slot.requests), default=Fraction(0))
        if server.uplink == "slotted":
            upload_end = max(start, arrival) + upload
        elif server.uplink == "pipelined":
            uploaded = max(uploaded, arrival) + upload
            upload_end = uploaded
        else:
            upload_end = upload
        ready = max(load_end, upload_end)
        end = ready + exact(model.batch_setup_s) + exact(model.batch_per_request_s) * len(slot.requests)
        rows.append(SlotTimes(start, load_end, upload_end, ready, end, missing, memory, bandwidth))
    return rows


def _upload(instance: Instance, names: tuple[str, ...], stated: Any) -> tuple[Exact, dict[str, Fraction]]:
    """Upload time of a slot (with a static uplink, the end of its uploads), and the bandwidth of each."""
    loads = {name: spectrum_load(request_of(instance, name)) for name in names}
    band = exact(instance.server.bandwidth_hz)
    if stated is None and instance.server.uplink != "static":
        total = sum((loads[name] for name in names), Fraction(0))
        return total / band, {name: band * loads[name] / total if total else Fraction(0) for name in names}
    shares = {name: exact((stated or {}).get(name, 0.0)) for name in names}
    times: list[Exact] = [Fraction(0)]
    for name, load in loads.items():
        arrival = exact(request_of(instance, name).arrival_s) if instance.server.uplink == "static" else Fraction(0)
        if load > 0:
            times.append(arrival + load / shares[name] if shares[name] > 0 else math.inf)
        else:
            times.append(arrival)
    return max(times), shares


def broken_by_plan(instance: Instance, plan: Plan) -> set[str]:
    """Names of the rules that the decisions break."""
    models = {model.id for model in instance.models}
    requests = {request.id for request in instance.requests}
    blocks = {block.id for block in instance.blocks}
    for slot in plan:
        mentioned = set(slot.requests) | set(slot.bandwidth_hz or ())
        if slot.model not in models or not mentioned <= requests or not (slot.resident_blocks or set()) <= blocks:
            return {"unknown-id"}
    return _broken_batches(instance, plan) | _broken_memory(instance, plan) | _broken_times(instance, plan)


def _broken_batches(instance: Instance, plan: Plan) -> set[str]:
    broken = set()
    served = [name for slot in plan for name in slot.requests]
    if len(set(served)) < len(served):
        broken.add("served-twice")
    for slot in plan:
        most = model_of(instance, slot.model).max_batch
        if not slot.requests:
            broken.add("empty-slot")
        if any(request_of(instance, name).model != slot.model for name in slot.requests):
            broken.add("wrong-model")
        if most is not None and len(slot.requests) > most:
            broken.add("max-batch")
    order = [slot.model for slot in plan]
    visits = [model for n, model in enumerate(order) if n == 0 or order[n - 1] != model]
    if instance.server.visits == "once" and len(set(visits)) < len(visits):
        broken.add("visits")
    return broken


def _broken_memory(instance: Instance, plan: Plan) -> set[str]:
    broken = set()
    before = frozenset(instance.server.resident_blocks)
    for slot, times in zip(plan, timeline(instance, plan)):
        model = model_of(instance, slot.model)
        need = frozenset(model.blocks)
        stated = times.resident if slot.resident_blocks is None else slot.resident_blocks
        allowed = need if instance.server.residency == "previous" else before | need
        if not need <= stated <= allowed:
            broken.add("residency")
        before = times.resident
        used = size(instance, times.resident) + exact(model.activation_bytes_per_request) * len(slot.requests)
        if instance.server.memory_bytes is not None and float(used) > instance.server.memory_bytes:  # Rounded once.
            broken.add("memory")
    return broken


def _broken_times(instance: Instance, plan: Plan) -> set[str]:
    broken = set()
    band = exact(instance.server.bandwidth_hz)
    most = band * (1 + TOLERANCE)
    in_use = []
    for slot, times in zip(plan, timeline(instance, plan)):
        in_use.append(sum((times.bandwidth_hz[name] for name in slot.requests), Fraction(0)))
        if set(slot.bandwidth_hz or ()) - set(slot.requests):
            broken.add("bandwidth")
        waiting = [name for name in slot.requests if spectrum_load(request_of(instance, name)) > 0]
        if any(not times.bandwidth_hz[name] > 0 for name in waiting):
            broken.add("upload")
        # From a request on that never arrives no slot has an end that could be compared with a deadline.
        deadlines = [exact(request_of(instance, name).deadline_s) for name in slot.requests]
        if times.end_s < math.inf and any(times.end_s > deadline * (1 + TOLERANCE) for deadline in deadlines):
            broken.add("deadline")
    if instance.server.uplink == "static":
        in_use = [sum(in_use, Fraction(0))]
    if any(used > most for used in in_use):
        broken.add("bandwidth")
    return broken


def served_weight(instance: Instance, plan: Plan) -> Fraction:
    """Weight of the requests that a plan serves."""
    return sum((exact(request_of(instance, name).weight) for slot in plan for name in slot.requests), Fraction(0))


def broken_by_solution(instance: Instance, instance_sha256: str, solution: Solution) -> set[str]:
    """Names of the rules that a solution breaks, by its decisions or by what it states."""
    plan = solution.plan()
    broken = broken_by_plan(instance, plan)
    if solution.instance != instance.name or solution.instance_sha256 not in (None, instance_sha256):
        broken.add("instance")
    if "unknown-id" in broken:
        return broken
    for record, times in zip(solution.slots, timeline(instance, plan)):
        if record.loaded_blocks is not None and sorted(record.loaded_blocks) != sorted(times.loaded):
            broken.add("loaded-blocks")
        for name in ("start_s", "load_end_s", "upload_end_s", "ready_s", "end_s"):
            if not agree(getattr(record, name), getattr(times, name)):
                broken.add("times")
    return broken | broken_claims(solution, served_weight(instance, plan), empty=not plan)


def agree(stated: float | None, true: Exact) -> bool:
    """Whether what is stated (if it is) is true within the tolerance."""
    if stated is None:
        return True
    if isinstance(true, float):
        return False
    return abs(exact(stated) - true) <= TOLERANCE * max(abs(exact(stated)), abs(true))


def broken_claims(solution: SolutionHeader, true: Fraction, empty: bool) -> set[str]:
    """Names of the rules that objective, bound, gap and status break, of a plan of this weight; of both problems."""
    broken = set()
    bound = None if solution.bound is None else exact(solution.bound)
    if not agree(solution.objective, true):
        broken.add("objective")
    if bound is not None and bound < true * (1 - TOLERANCE):
        broken.add("bound")
    if solution.gap is not None and (bound is None or abs(exact(solution.gap) - _gap(true, bound)) > TOLERANCE):
        broken.add("bound")
    if solution.status == "optimal" and (bound is None or not agree(solution.bound, true)):
        broken.add("status")
    if solution.status == "unknown" and not empty:
        broken.add("status")
    return broken


def _gap(objective: Fraction, bound: Fraction) -> Fraction:
    """(bound - objective) / bound, 0 when the bound is 0; rounding may leave a bound just below the objective."""
    return (bound - objective) / bound if bound > objective else Fraction(0)
