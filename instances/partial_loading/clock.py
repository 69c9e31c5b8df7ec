"""The clock: all times of a plan. This is the definition of the problem; everything else must agree with it.

    load_n  = 0 if nothing is missing, else t0 + (bytes of J_{i_n} that are not resident) / V
    end_n   = ready_n + alpha_{i_n} + beta_{i_n} |U_n|,   end_0 = 0

    slotted     ready_n = max(end_{n-1} + load_n, max(end_{n-1}, r_n) + up_n)
    pipelined   ready_n = max(end_{n-1} + load_n, sent_n),   sent_n = max(sent_{n-1}, r_n) + up_n
    static      ready_n = max(end_{n-1} + load_n, max_{k in U_n} r_k + D_k / rate_k(b_k))

up_n is the least time in which the band uploads the inputs of slot n or, where the plan has bandwidths, the time
it takes with those; r_n is the last arrival among its requests. Which line holds, the uplink discipline of the instance
says. The clock accepts plans that break rules (the checker tells which); it never repairs one.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from partload.instances.allocation import least_uploads
from partload.instances.channels import upload_time
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Times:
    """What follows from a plan of N slots that serve K requests in all. Times are in seconds, of shape (N,)."""

    start_s: Floats
    """end_{n-1}."""
    load_end_s: Floats
    upload_end_s: Floats
    ready_s: Floats
    end_s: Floats
    loaded: tuple[frozenset[str], ...]
    """Blocks of J_{i_n} that slot n had to load."""
    resident: tuple[frozenset[str], ...]
    """R_n."""
    bandwidth_hz: Floats
    """b_k, shape (K,), requests in the order of the slots."""


class Loads(NamedTuple):
    """The loading side of a plan of N slots, one entry each."""

    loaded: tuple[frozenset[str], ...]
    """Blocks of J_{i_n} that slot n has to load."""
    resident: tuple[frozenset[str], ...]
    """R_n."""
    load_s: list[float]
    """load_n."""


def run(instance: Instance, plan: Plan) -> Times:
    """Times of a plan; its model, request and block ids must be those of the instance.

    Raises
    ------
    KeyError
        On an id that the instance does not have.
    """
    loaded, resident, load = loads(instance, plan)
    upload, bandwidth = uploads(instance, plan)
    inference, arrival = inference_times(instance, plan), last_arrivals(instance, plan)
    upload_start_of = instance.uplink_discipline.upload_start_s
    rows = np.empty((5, len(plan)))
    end = upload_end = 0.0
    slots = zip(load, upload.tolist(), arrival, inference)
    for n, (load_n, upload_n, arrival_n, inference_n) in enumerate(slots):
        start = end
        load_end = start + load_n
        upload_end = upload_start_of(start, upload_end, arrival_n) + upload_n
        ready = max(load_end, upload_end)
        end = ready + inference_n
        rows[:, n] = start, load_end, upload_end, ready, end
    return Times(rows[0], rows[1], rows[2], rows[3], rows[4], loaded, resident, bandwidth)


def loads(instance: Instance, plan: Plan) -> Loads:
    """What each slot loads, what is resident while it runs, and how long loading takes.

    Raises
    ------
    KeyError
        On the id of a model that the instance does not have.
    """
    server, needs = instance.server, instance.block_sets
    known: dict[tuple[frozenset[str], frozenset[str]], tuple[frozenset[str], float]] = {}
    loaded, resident, time = [], [], []
    memory = frozenset(server.resident_blocks)
    rule = instance.residency_rule
    for slot in plan:
        need = needs[slot.model]
        if (need, memory) not in known:
            missing = need - memory
            load = server.load_latency_s + instance.size_of(missing) / server.load_rate_bytes_per_s if missing else 0.0
            known[need, memory] = missing, load
        missing, load = known[need, memory]
        memory = rule.resident(slot.resident_blocks, memory, need)
        loaded.append(missing)
        resident.append(memory)
        time.append(load)
    return Loads(tuple(loaded), tuple(resident), time)


def inference_times(instance: Instance, plan: Plan) -> list[float]:
    """alpha_{i_n} + beta_{i_n} |U_n| [s] of each slot."""
    models = [instance.models[instance.model_index[slot.model]] for slot in plan]
    return [m.batch_setup_s + m.batch_per_request_s * len(slot.requests) for m, slot in zip(models, plan)]


def last_arrivals(instance: Instance, plan: Plan) -> list[float]:
    """r_n [s] of each slot: the last arrival among its requests, 0 without any."""
    if not instance.arrays.arrivals:
        return [0.0] * len(plan)
    index, requests = instance.request_index, instance.requests
    return [max((requests[index[name]].arrival_s for name in slot.requests), default=0.0) for slot in plan]


def uploads(instance: Instance, plan: Plan) -> tuple[Floats, Floats]:
    """Upload time of each slot, shape (N,), and bandwidth of each request in the order of the slots, shape (K,).

    Where all requests share one band, it counts from time 0: each upload begins when its request arrives.
    """
    server, columns = instance.server, instance.arrays
    sizes = [len(slot.requests) for slot in plan]
    slot_of = np.repeat(np.arange(len(plan)), sizes)
    chosen = instance.positions(request for slot in plan for request in slot.requests)
    bits, channel = columns.input_bits[chosen], columns.channel[chosen]

    one_band = instance.uplink_discipline.one_band
    decided = np.array([one_band or slot.bandwidth_hz is not None for slot in plan], dtype=bool)[slot_of]
    free = ~decided
    bandwidth = np.empty(len(chosen))
    time, bandwidth[free] = least_uploads(channel[free], bits[free], slot_of[free], len(plan), server.bandwidth_hz)
    if decided.any():
        given = [slot.bandwidth_hz or {} for slot in plan]
        asked = (shares.get(k, 0.0) for slot, shares in zip(plan, given) for k in slot.requests)
        bandwidth = np.where(free, bandwidth, np.fromiter(asked, float, len(chosen)))
        taken = upload_time(channel[decided], bits[decided], bandwidth[decided])
        if one_band:
            taken = columns.arrival_s[chosen][decided] + taken
        np.maximum.at(time, slot_of[decided], taken)
    return time, bandwidth
