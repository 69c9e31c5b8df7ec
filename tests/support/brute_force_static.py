"""The oracle for the static uplink: every sequence of batches, depth first. Up to about 4 models and 6 requests.

All requests served share the band from time 0, so the bandwidth that a slot needs depends on all slots after it, and
two ways to the same state cannot be compared by their clocks. Each sequence is judged as a whole:

- *Loads, arrivals and inference alone* have to meet the deadlines: no upload can end a slot sooner than they do.
- *The band* has to hold what the requests need. A slot may be ready as late as its deadlines and the loads and
  inference after it allow; its requests need the least bandwidths with which they are uploaded by then, from their
  arrivals on. No division can give one of them less, and with these every slot is ready as late as it may be, or
  sooner.

One pruning, which cannot lose a plan that serves more (and another in ``brute_force_slots``): a sequence that breaks
one of the two has no continuation that keeps both. What follows cannot end an earlier slot sooner; it can only ask for
an earlier slot to be ready sooner, so for more bandwidth, and needs some for itself.

Deadlines and the band are stretched as the caller says, bandwidths decided for the deadlines as stretched.
"""

from __future__ import annotations

import dataclasses
import math

from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from tests.support.brute_force_slots import State, Step, Stretch, batches, start, steps, weight
from tests.support.own_channels import least_bandwidth


def best_plan(instance: Instance, stretch: Stretch, every_set: bool = False) -> tuple[float, Plan]:
    """The greatest weight that any plan serves, and a plan that does, with its bandwidths."""
    all_batches = batches(instance)
    best: tuple[float, Plan] = (0.0, ())

    def extend(taken: tuple[Step, ...], state: State, end_s: float) -> None:
        nonlocal best
        if weight(instance, state.served) > best[0]:
            best = weight(instance, state.served), decided(taken, stretch)
        for step in steps(instance, all_batches, state, every_set):
            following = (*taken, step)
            step_end_s = max(end_s + step.load_s, step.batch.arrival_s) + step.batch.inference_s
            if step_end_s <= step.batch.deadline_s * stretch.deadline and _fit(instance, following, stretch):
                extend(following, step.after, step_end_s)

    extend((), start(instance), 0.0)
    return best


def bandwidths(taken: tuple[Step, ...], stretch: Stretch) -> list[dict[str, float]]:
    """The least bandwidth of each request, slot by slot."""
    found = []
    latest_end = math.inf
    for step in reversed(taken):
        ready = min(latest_end, step.batch.deadline_s * stretch.deadline) - step.batch.inference_s
        found.append({request.id: least_bandwidth(request, ready - request.arrival_s) for request in step.batch.asking})
        latest_end = ready - step.load_s
    return found[::-1]


def decided(taken: tuple[Step, ...], stretch: Stretch) -> Plan:
    """The plan with these slots and their least bandwidths."""
    needed = bandwidths(taken, stretch)
    return tuple(dataclasses.replace(step.slot, bandwidth_hz=shares) for step, shares in zip(taken, needed))


def _fit(instance: Instance, taken: tuple[Step, ...], stretch: Stretch) -> bool:
    """Whether the band holds what these slots need."""
    needed = math.fsum(share for shares in bandwidths(taken, stretch) for share in shares.values())
    return needed <= instance.server.bandwidth_hz * stretch.band
