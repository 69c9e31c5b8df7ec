"""Metrics of a plan: users served, latencies, use of the band, energy, and the time that overlap saves."""

from __future__ import annotations

import numpy as np

from partload.instances.metrics import finite_or_none, jain, percentiles
from partload.instances.slide.clock import Times
from partload.instances.slide.instance import Instance
from partload.instances.slide.plan import Plan
from partload.instances.sums import total


def metrics(instance: Instance, plan: Plan, times: Times) -> dict[str, float | None]:
    """Metrics of a feasible plan; None where a metric is not defined or exceeds the range of doubles.

    The latency [s] of a user is when the last layer is computed, the download time [s] when it has arrived. Overlap
    saves [s] the time during which a device computes while layers still arrive: without overlap the result would be
    later by that much. Jain's index is over bandwidths. Energy [J] is over users with a budget.
    """
    served = len(plan)
    latency = times.end_s
    download = np.array([ends[-1] for ends in times.download_end_s])
    later = [_download_first(instance, plan, times, n) for n in range(served)]
    values: dict[str, float | None] = {
        "served": served,
        "requested": len(instance.users),
        "makespan_s": float(latency.max()) if served else 0.0,
        "downloaded_bytes": total(instance.models[instance.model_index[one.model]].size_bytes for one in plan),
        "energy_j": total(times.energy_j.tolist()),
        "overlap_saves_s": total(later) - total(latency.tolist()),
        "bandwidth_used": total(one.bandwidth_hz for one in plan) / instance.downlink.bandwidth_hz,
    }
    values |= percentiles("latency", latency) | percentiles("download", download)
    values["jain_index"] = jain(np.array([one.bandwidth_hz for one in plan]))
    return finite_or_none(values)


def _download_first(instance: Instance, plan: Plan, times: Times, n: int) -> float:
    """When the user's last layer would be computed if the device began after the whole download [s]."""
    work = instance.layers[instance.model_index[plan[n].model]].work_flop
    speed = np.broadcast_to(np.array(plan[n].flop_per_s), work.shape)
    return float(times.download_end_s[n][-1]) + total((work[work > 0] / speed[work > 0]).tolist())
