"""The checker of measured runs: the log of what a server did, beside what the clock predicts for the same decisions.

A log is a solution whose slots state the five times that were measured. Rules of decisions are those of the checker.
Of the times it asks what any server keeps:

    start_n >= end_{n-1},   start_n <= load_end_n <= ready_n <= end_n,   upload_end_n <= ready_n

and that no upload ends before the uplink discipline lets it begin. Deadlines are compared with the ends measured. A
server may load a block again that was there: ``loaded_blocks`` then names it, and the prediction counts it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from partload.instances import measured
from partload.instances.measured import Cause, MeasuredReport, Row
from partload.instances.numbers import exact
from partload.instances.partial_loading import checker, clock
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.instances.partial_loading.solution import SlotRecord, Solution
from partload.instances.verdict import Violation, check_values, exceeds, identity

CAUSES = ("load", "upload", "batch", "waiting")
"""``waiting``: between slots, and between the end of load and upload and the begin of the batch."""


@dataclasses.dataclass(frozen=True)
class SlotTimes:
    """The times of one slot as they were measured."""

    start_s: float
    load_end_s: float
    upload_end_s: float
    ready_s: float
    end_s: float


@dataclasses.dataclass(frozen=True)
class Durations:
    """How long the parts of N slots take."""

    load_s: list[float]
    upload_s: list[float]
    """From the time at which the uplink discipline lets the uploads begin."""
    batch_s: list[float]
    before_s: list[float]
    """Between the slot before and this one."""
    waiting_s: list[float]
    """Between load and upload, and the batch."""


def check(instance: Instance, solution: Solution) -> MeasuredReport:
    """Judge a measured run.

    Raises
    ------
    InputError
        When a slot does not state a time.
    """
    times = [_times(n, slot) for n, slot in enumerate(solution.slots)]
    plan = solution.plan()
    report = checker.check_plan(instance, plan)
    decisions = [violation for violation in report.violations if violation.rule != "deadline"]
    violations = [*identity(instance, solution), *decisions]
    if report.times is None or report.objective is None:
        return MeasuredReport(tuple(violations), None, ())
    violations += _loaded(instance, solution, report.times)
    violations += _order(times)
    violations += _uplink(instance, plan, times)
    violations += _deadlines(instance, plan, times)
    violations += check_values(solution, report.objective, empty=not solution.slots)
    stuck = any(violation.rule == "upload" for violation in decisions)
    known = all(block in instance.block_sizes for slot in solution.slots for block in slot.loaded_blocks or ())
    rows = tuple(_rows(instance, solution, times)) if known and not stuck else ()
    return MeasuredReport(tuple(violations), report.objective, measured.comparable(rows))


def _times(number: int, slot: SlotRecord) -> SlotTimes:
    names = [field.name for field in dataclasses.fields(SlotTimes)]
    return SlotTimes(*(measured.required(f"slots[{number}].{name}", getattr(slot, name)) for name in names))


def _loaded(instance: Instance, solution: Solution, times: clock.Times) -> Iterator[Violation]:
    """Whether the blocks loaded contain those that were missing, each once, and none of another model."""
    for n, slot in enumerate(solution.slots):
        if slot.loaded_blocks is None:
            continue
        loaded, place = frozenset(slot.loaded_blocks), f"slots[{n}].loaded_blocks"
        if len(loaded) < len(slot.loaded_blocks):
            yield Violation("loaded-blocks", place, (), None, "a block is loaded twice in one slot")
        for odd, problem in (
            (times.loaded[n] - loaded, "missing from memory, and not loaded"),
            (loaded - instance.block_sets[slot.model], f"loaded, but no part of model {slot.model!r}"),
        ):
            if odd:
                ids = tuple(sorted(odd))
                yield Violation("loaded-blocks", place, ids, None, f"blocks {', '.join(ids)}: {problem}")


def _order(times: Sequence[SlotTimes]) -> Iterator[Violation]:
    end = 0.0
    for n, slot in enumerate(times):
        place = f"slots[{n}]"
        yield from measured.before(f"{place}.start_s", (), "overlap", ("the end of the slot before", end), slot.start_s)
        yield from measured.before(f"{place}.load_end_s", (), "order", ("its start", slot.start_s), slot.load_end_s)
        yield from measured.before(
            f"{place}.ready_s", (), "order", ("the end of its load", slot.load_end_s), slot.ready_s
        )
        uploaded = ("the end of its uploads", slot.upload_end_s)
        yield from measured.before(f"{place}.ready_s", (), "order", uploaded, slot.ready_s)
        yield from measured.before(f"{place}.end_s", (), "order", ("it was ready", slot.ready_s), slot.end_s)
        end = slot.end_s


def _uplink(instance: Instance, plan: Plan, times: Sequence[SlotTimes]) -> Iterator[Violation]:
    """Whether no upload ends before it may begin."""
    begins = _upload_begins(instance, plan, times)
    arrivals = clock.last_arrivals(instance, plan)
    for n, (begin, arrival, slot) in enumerate(zip(begins, arrivals, times)):
        place = f"slots[{n}].upload_end_s"
        if arrival >= begin:
            yield from measured.before(place, (), "order", ("its last request arrived", arrival), slot.upload_end_s)
        else:
            earliest = ("the uplink was free for it", begin)
            yield from measured.before(place, (), "overlap", earliest, slot.upload_end_s)


def _upload_begins(instance: Instance, plan: Plan, times: Sequence[SlotTimes]) -> list[float]:
    """When the uploads of each slot may begin, by the times measured."""
    discipline, sent, begins = instance.uplink_discipline, 0.0, []
    for slot, arrival in zip(times, clock.last_arrivals(instance, plan)):
        begins.append(discipline.upload_start_s(slot.start_s, sent, arrival))
        sent = slot.upload_end_s
    return begins


def _deadlines(instance: Instance, plan: Plan, times: Sequence[SlotTimes]) -> Iterator[Violation]:
    for n, (slot, measured_times) in enumerate(zip(plan, times)):
        end = measured_times.end_s
        for request in slot.requests:
            deadline = instance.requests[instance.request_index[request]].deadline_s
            if exceeds(end, deadline):
                problem = f"ended at {exact(end)} s, request {request!r} was due at {exact(deadline)} s"
                yield Violation("deadline", f"slots[{n}]", (request,), end - deadline, problem)


def predicted(instance: Instance, solution: Solution) -> Durations:
    """What the model says of each part of the slots of a solution; of the load, for the blocks that it states."""
    plan = solution.plan()
    missing = clock.loads(instance, plan).loaded
    stated = [slot.loaded_blocks for slot in solution.slots]
    loaded = [blocks if given is None else frozenset(given) for given, blocks in zip(stated, missing)]
    server = instance.server
    load = [
        server.load_latency_s + instance.size_of(blocks) / server.load_rate_bytes_per_s if blocks else 0.0
        for blocks in loaded
    ]
    upload, _ = clock.uploads(instance, plan)
    none = [0.0] * len(plan)
    return Durations(load, upload.tolist(), clock.inference_times(instance, plan), none, none)


def ends(instance: Instance, plan: Plan, parts: Durations) -> list[float]:
    """The end [s] of each slot whose parts take so long."""
    begin = instance.uplink_discipline.upload_start_s
    end = sent = 0.0
    found = []
    for n, arrival in enumerate(clock.last_arrivals(instance, plan)):
        start = end + parts.before_s[n]
        sent = begin(start, sent, arrival) + parts.upload_s[n]
        end = max(start + parts.load_s[n], sent) + parts.waiting_s[n] + parts.batch_s[n]
        found.append(end)
    return found


def _durations(instance: Instance, plan: Plan, times: Sequence[SlotTimes]) -> Durations:
    begins = _upload_begins(instance, plan, times)
    previous = [0.0, *(slot.end_s for slot in times)]
    return Durations(
        [slot.load_end_s - slot.start_s for slot in times],
        [slot.upload_end_s - begin for slot, begin in zip(times, begins)],
        [slot.end_s - slot.ready_s for slot in times],
        [slot.start_s - end for slot, end in zip(times, previous)],
        [slot.ready_s - max(slot.load_end_s, slot.upload_end_s) for slot in times],
    )


def _rows(instance: Instance, solution: Solution, times: Sequence[SlotTimes]) -> Iterator[Row]:
    plan = solution.plan()
    model, real = predicted(instance, solution), _durations(instance, plan, times)
    steps = [model]
    for fields in (("load_s",), ("upload_s",), ("batch_s",), ("before_s", "waiting_s")):
        steps.append(dataclasses.replace(steps[-1], **{name: getattr(real, name) for name in fields}))
    of_steps = np.array([ends(instance, plan, step) for step in steps]).T.tolist()
    for n, slot in enumerate(plan):
        waiting = real.before_s[n] + real.waiting_s[n]
        causes = {
            "load": Cause(model.load_s[n], real.load_s[n]),
            "upload": Cause(model.upload_s[n], real.upload_s[n]),
            "batch": Cause(model.batch_s[n], real.batch_s[n]),
            "waiting": Cause(0.0, waiting),
        }
        end = Cause(of_steps[n][0], times[n].end_s)
        yield Row(f"slots[{n}]", slot.model, causes, end, measured.shares(of_steps[n], CAUSES))
