"""Numbers that describe a plan: who was served, how late, how well band and devices were used, what overlap saved."""

from __future__ import annotations

import numpy as np

from partload.instances.metrics import jain, percentiles, stated
from partload.instances.slide.clock import Times
from partload.instances.slide.instance import Instance
from partload.instances.slide.plan import Plan
from partload.instances.sums import total


def metrics(instance: Instance, plan: Plan, times: Times) -> dict[str, float | None]:
    """Measures of a feasible plan; None where there is nothing to measure, or more than doubles hold.

    Latency [s] of a user is when the result is there, the download [s] when the last layer is. What overlap saves [s]
    is the time for which a user's device computes while layers still arrive: by so much the result would be later if
    the download came first. Jain's index is that of the bandwidths. Energy [J] is that of the users who have a budget.
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
    return stated(values)


def _download_first(instance: Instance, plan: Plan, times: Times, n: int) -> float:
    """When the user's result would be there if the device only began with the whole model at hand [s]."""
    work = instance.layers[instance.model_index[plan[n].model]].work_flop
    speed = np.broadcast_to(np.array(plan[n].flop_per_s), work.shape)
    return float(times.download_end_s[n][-1]) + total((work[work > 0] / speed[work > 0]).tolist())
