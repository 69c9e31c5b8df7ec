"""The optimum of a tiny instance, by trying every plan that could matter. The oracle of the exact methods.

Up to about 4 models and 7 requests (6 with a static uplink, whose search is in ``brute_force_static``), flat and
power-limited channels. Only the data classes are shared with the project, and the checker, which judges what is found;
the times and the rules are written here once more. A search over slots, one after another; what the future of a
schedule depends on is a *state* (the set of requests served, the model that ran last, the resident blocks) and two
clocks: end_n and the time at which the uplink has sent everything so far.

Times are doubles, and limits are stretched by the checker's tolerance, which exact arithmetic without one would miss:
the doubles 0.1 + 0.2 end after a deadline of 0.3. ``optimum`` stretches the deadlines, ``bracket`` (see ``brackets``)
the band as well.

One pruning, which cannot lose a plan that serves more (and another in ``brute_force_slots``): of two states that differ
in their clocks alone, one that is not later on either clock can do whatever the other can, slot by slot, and never ends
later. Every time is a monotone function of the two clocks, in doubles too.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan, Slot
from tests.support import brute_force_static
from tests.support.brackets import ACCEPTED, BEYOND, Bracket
from tests.support.brute_force_slots import State, Step, Stretch, batches, start, steps, weight
from tests.support.own_channels import least_bandwidth, least_upload_time

LATE = 1 + 1e-12
"""Factor on upload times: just below the ceiling of a rate, its last digit is worth more band than the tolerance."""


class Path(NamedTuple):
    """One way to reach a state: its clocks, its last slot, and the path to the slot before."""

    end_s: float
    uplink_end_s: float
    slot: Slot | None
    before: Path | None


def optimum(instance: Instance, every_set: bool = False) -> tuple[float, Plan]:
    """The greatest weight that any plan serves, and a plan that does.

    ``every_set`` tries every set of blocks that may stay resident, not only those inside no other that fits.
    """
    return best_plan(instance, Stretch(ACCEPTED, 1.0), every_set)


def bracket(instance: Instance) -> Bracket:
    """What some plan serves that the checker accepts, and what none serves more than.

    Bandwidths of the plan take all of the band, and of its tolerance. Raises AssertionError on a plan that the checker
    rejects.
    """
    plan = best_plan(instance, Stretch(ACCEPTED, ACCEPTED))[1]
    if instance.server.uplink != "static":
        plan = tuple(_decided(instance, slot) for slot in plan)
    report = check_plan(instance, plan)
    if not report.feasible or report.objective is None:
        raise AssertionError(f"{instance.name}: oracle and checker disagree: {report.violations[0]}")
    return Bracket(report.objective, best_plan(instance, Stretch(BEYOND, BEYOND))[0], plan)


def _decided(instance: Instance, slot: Slot) -> Slot:
    """The slot with the bandwidths of the least upload time in the band as it stretches."""
    asking = [request for request in instance.requests if request.id in slot.requests]
    time = least_upload_time(asking, instance.server.bandwidth_hz * ACCEPTED) * LATE
    return dataclasses.replace(slot, bandwidth_hz={r.id: least_bandwidth(r, time) for r in asking})


def best_plan(instance: Instance, stretch: Stretch, every_set: bool = False) -> tuple[float, Plan]:
    """The greatest weight that any plan serves within stretched limits, and a plan that does."""
    if instance.server.uplink == "static":
        return brute_force_static.best_plan(instance, stretch, every_set)
    band = instance.server.bandwidth_hz * stretch.band
    all_batches = batches(instance)
    upload_s = {b.mask: least_upload_time(b.asking, band) for own in all_batches for b in own}
    fronts: list[dict[State, list[Path]]] = [{} for _ in range(1 << len(instance.requests))]
    fronts[0][start(instance)] = [Path(0.0, 0.0, None, None)]
    best, best_path = 0.0, fronts[0][start(instance)][0]
    # A slot serves somebody new, so its state has a larger number of served requests when they are read as a binary.
    for served, front in enumerate(fronts):
        if not front:
            continue
        if weight(instance, served) > best:
            best, best_path = weight(instance, served), next(iter(front.values()))[0]
        for state, paths in front.items():
            for step in steps(instance, all_batches, state, every_set):
                for path in paths:
                    end_s, uplink_end_s = _clocks(instance.server.uplink, path, step, upload_s[step.batch.mask])
                    if end_s <= step.batch.deadline_s * stretch.deadline:
                        following = fronts[step.after.served].setdefault(step.after, [])
                        _keep(following, Path(end_s, uplink_end_s, step.slot, path))
    return best, _plan(best_path)


def _clocks(uplink: str, path: Path, step: Step, upload_s: float) -> tuple[float, float]:
    """Both clocks after a slot; the uplink's has no meaning for the slotted one and stays 0."""
    if uplink == "slotted":
        waiting = max(0.0, step.batch.arrival_s - path.end_s)
        return path.end_s + max(step.load_s, waiting + upload_s) + step.batch.inference_s, 0.0
    uplink_end_s = max(path.uplink_end_s, step.batch.arrival_s) + upload_s
    return max(path.end_s + step.load_s, uplink_end_s) + step.batch.inference_s, uplink_end_s


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
