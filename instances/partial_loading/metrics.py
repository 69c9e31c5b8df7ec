"""Numbers that describe a plan: who was served, how late, how well the server was used, what sharing saved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partload.instances.channels import upload_time
from partload.instances.metrics import finite_or_none, jain, percentiles
from partload.instances.partial_loading.clock import Times
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan


def metrics(instance: Instance, plan: Plan, times: Times) -> dict[str, float | None]:
    """Measures of a feasible plan; None where the plan serves nobody and there is nothing to measure.

    Latency [s] of a request runs from its arrival to the end of its slot. Its upload [s] lasts as
    long as its input takes at its bandwidth. Jain's index is that of the bandwidths. GPU utilisation is the share of
    the makespan spent on inference, uplink utilisation the share of the band and makespan spent on uploads. Shared
    bytes are those that the plan's models would have loaded, each entry to a model loading all of it, but found in
    memory.
    """
    sizes = [len(slot.requests) for slot in plan]
    served = sum(sizes)
    loaded = float(sum(instance.size_of(blocks) for blocks in times.loaded))
    entries = [slot.model for n, slot in enumerate(plan) if n == 0 or plan[n - 1].model != slot.model]
    whole = float(sum(instance.size_of(instance.block_sets[model]) for model in entries))
    values: dict[str, float | None] = {
        "served": served,
        "requested": len(instance.requests),
        "makespan_s": float(times.end_s[-1]) if plan else 0.0,
        "loaded_bytes": loaded,
        "shared_bytes": max(whole - loaded, 0.0),
    }
    uploads = _uploads(instance, plan, times)
    arrivals = instance.arrays.arrival_s[instance.positions(name for slot in plan for name in slot.requests)]
    values |= percentiles("latency", np.repeat(times.end_s, sizes) - arrivals) | percentiles("upload", uploads)
    values["jain_index"] = jain(times.bandwidth_hz)
    makespan = float(times.end_s[-1]) if plan else 0.0
    inference = float(np.sum(times.end_s - times.ready_s))
    values["gpu_utilisation"] = inference / makespan if makespan > 0 else None
    values["uplink_utilisation"] = _spectrum_used(instance, uploads, times) / makespan if makespan > 0 else None
    return finite_or_none(values)


def _uploads(instance: Instance, plan: Plan, times: Times) -> NDArray[np.float64]:
    """Upload time [s] of each request at its bandwidth, requests in the order of the slots, shape (K,)."""
    chosen = instance.positions(request for slot in plan for request in slot.requests)
    columns = instance.arrays
    return upload_time(columns.channel[chosen], columns.input_bits[chosen], times.bandwidth_hz)


def _spectrum_used(instance: Instance, uploads: NDArray[np.float64], times: Times) -> float:
    """Bandwidth times upload time over all requests, as a share of the whole band [s]."""
    return float(np.sum(uploads * times.bandwidth_hz)) / instance.server.bandwidth_hz
