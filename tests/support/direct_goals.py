"""The goals for left-over bandwidth as one would first write them: every time a variable, straight from the clock.

For CVXPY, written apart from the project's own formulation, without its units and reductions; good for small instances.
"""

from __future__ import annotations

import cvxpy as cp
import numpy as np

from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan


def best_value(instance: Instance, plan: Plan, goal: str) -> float:
    """Best weighted upload time, sum of logarithms of rates, or least rate; over requests that have bits."""
    requests = [(n, instance.requests[instance.request_index[k]]) for n, slot in enumerate(plan) for k in slot.requests]
    sending = [(n, request) for n, request in requests if request.input_bits > 0]
    share = cp.Variable(len(sending), nonneg=True)
    upload = cp.Variable(len(plan), nonneg=True)
    band, bits = instance.server.bandwidth_hz, [request.input_bits for _, request in sending]
    inputs = [_rate(request.channel, share[k], band) / bits[k] for k, (_, request) in enumerate(sending)]
    rules = _clock(instance, plan, upload)
    times = [cp.inv_pos(per_second) for per_second in inputs]
    rules += [upload[n] >= time for time, (n, _) in zip(times, sending)]
    static = instance.server.uplink == "static"
    for n in range(1 if static else len(plan)):
        own = [share[k] for k, (slot, _) in enumerate(sending) if static or slot == n]
        rules += [sum(own) <= 1] if own else []
    if goal == "weighted":
        objective = cp.Minimize(sum(request.weight * time for time, (_, request) in zip(times, sending)))
    elif goal == "proportional":
        objective = cp.Maximize(sum(cp.log(per_second) for per_second in inputs) + sum(np.log(bits)))
    else:
        largest = max(bits)
        least = cp.min(cp.hstack([per_second * (d / largest) for per_second, d in zip(inputs, bits)]))
        objective = cp.Maximize(least * largest)
    return float(cp.Problem(objective, rules).solve(solver=cp.CLARABEL))


def _rate(channel, share: cp.Expression, band_hz: float) -> cp.Expression:
    if channel.kind == "flat":
        return channel.spectral_efficiency_bps_per_hz * band_hz * share
    return -cp.rel_entr(share, share + channel.snr_hz / band_hz) * band_hz / np.log(2)


def _clock(instance: Instance, plan: Plan, upload: cp.Variable) -> list[cp.Constraint]:
    """Ends of the slots, and the deadlines."""
    end, rules = cp.Variable(len(plan)), []
    loads, inference = clock.loads(instance, plan).load_s, clock.inference_times(instance, plan)
    for n, slot in enumerate(plan):
        before = end[n - 1] if n else 0
        arrived = {
            "slotted": before + upload[n],
            "pipelined": cp.sum(upload[: n + 1]),
            "static": upload[n],
        }[instance.server.uplink]
        rules += [end[n] >= before + loads[n] + inference[n], end[n] >= arrived + inference[n]]
        rules += [end[n] <= min(instance.requests[instance.request_index[k]].deadline_s for k in slot.requests)]
    return rules
