"""The checker of measured runs: every rule is shown a log that breaks it, and errors are told apart by cause."""

import dataclasses

import numpy as np
import pytest

from partload.instances import measured as rules
from partload.instances.errors import InputError
from partload.instances.partial_loading import checker, measured
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.solution import Solution
from tests.instances.test_checker import CACHED, HURRIED, INSTANCE, PLAN, SHORT_OF_MEMORY, STATIC, stated

PIPELINED = INSTANCE.replace(uplink="pipelined")
LATE_ARRIVAL = INSTANCE.replace(
    requests=tuple(dataclasses.replace(r, arrival_s=1.5 if r.id == "y1" else 0.0) for r in INSTANCE.requests)
)


def log(instance: Instance = INSTANCE, plan: Plan = PLAN, /, **changes: object) -> Solution:
    """A run that went as predicted, but for changes: ``end_s=(1, 9.0)`` is the end of slot 1."""
    right = stated(instance, plan)
    slots = list(right.slots)
    for name, (number, value) in changes.items():
        slots[number] = dataclasses.replace(slots[number], **{name: value})
    return dataclasses.replace(right, slots=tuple(slots))


def ran(instance: Instance, plan: Plan, random: np.random.Generator) -> Solution:
    """A run whose parts take other times than predicted, with pauses; written apart from the checker."""
    right = stated(instance, plan)
    slots, end, sent = [], 0.0, 0.0
    for slot in right.slots:
        load, upload, batch, pause, wait = random.uniform(0.1, 3.0, 5).tolist()
        start = end + pause
        arrival = max(instance.requests[instance.request_index[name]].arrival_s for name in slot.requests)
        begin = {"slotted": max(start, arrival), "pipelined": max(sent, arrival), "static": arrival}
        sent = begin[instance.server.uplink] + upload
        ready = max(start + load, sent) + wait
        end = ready + batch
        times = {"start_s": start, "load_end_s": start + load, "upload_end_s": sent, "ready_s": ready, "end_s": end}
        slots.append(dataclasses.replace(slot, **times))
    return dataclasses.replace(right, slots=tuple(slots))


RIGHT = stated(INSTANCE, PLAN).slots
BREAKS = {
    "before the slot before": ("overlap", INSTANCE, log(start_s=(1, RIGHT[0].end_s - 0.1))),
    "loaded before its start": ("order", INSTANCE, log(load_end_s=(1, RIGHT[1].start_s - 0.1))),
    "ran before it was loaded": ("order", INSTANCE, log(ready_s=(0, RIGHT[0].load_end_s - 0.1))),
    "ran before the upload": ("order", INSTANCE, log(upload_end_s=(0, RIGHT[0].ready_s + 0.1))),
    "ended before it ran": ("order", INSTANCE, log(end_s=(1, RIGHT[1].ready_s - 0.1))),
    "uploaded before its slot": ("overlap", INSTANCE, log(upload_end_s=(1, RIGHT[1].start_s - 0.1))),
    "uploaded before the slot before": ("overlap", PIPELINED, log(PIPELINED, upload_end_s=(1, 0.1))),
    "uploaded before it arrived": (
        "order",
        LATE_ARRIVAL,
        log(LATE_ARRIVAL, (Slot("y", ("y1",)),), upload_end_s=(0, 1.0)),
    ),
    "late": ("deadline", HURRIED, log(HURRIED)),
    "late as measured": ("deadline", INSTANCE, log(end_s=(1, 100.1))),
    "missing block not loaded": ("loaded-blocks", INSTANCE, log(loaded_blocks=(0, ("a",)))),
    "block of another model": ("loaded-blocks", INSTANCE, log(loaded_blocks=(0, ("a", "b", "c")))),
    "block of no model": ("loaded-blocks", INSTANCE, log(loaded_blocks=(0, ("a", "b", "no such block")))),
    "block twice": ("loaded-blocks", INSTANCE, log(loaded_blocks=(1, ("c", "c")))),
    "memory": ("memory", SHORT_OF_MEMORY, log(SHORT_OF_MEMORY)),
    "twice": ("served-twice", INSTANCE, log(INSTANCE, (Slot("x", ("x1",)), Slot("x", ("x1",))))),
    "other model": ("wrong-model", INSTANCE, log(INSTANCE, (Slot("x", ("y1",)),))),
    "never loaded": ("residency", CACHED, log(CACHED, (Slot("x", ("x1",), frozenset("abc")),))),
    "boast": ("objective", INSTANCE, dataclasses.replace(log(), objective=4.0)),
    "other instance": ("instance", INSTANCE, dataclasses.replace(log(), instance="another")),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_log_that_breaks_one_rule(name: str):
    rule, instance, solution = BREAKS[name]
    report = measured.check(instance, solution)
    assert {violation.rule for violation in report.violations} == {rule}
    assert rule in checker.RULES | rules.RULES


@pytest.mark.parametrize("instance", [INSTANCE, PIPELINED, LATE_ARRIVAL, CACHED], ids=lambda one: one.server.uplink)
def test_the_clock_is_a_possible_run_without_error(instance: Instance):
    report = measured.check(instance, log(instance))
    assert report.feasible
    assert report.objective == 3
    for row in report.rows:
        assert row.end.error_s == pytest.approx(0, abs=1e-12)
        assert [cause.error_s for cause in row.causes.values()] == pytest.approx([0] * 4, abs=1e-12)


STATIC_PLAN = (
    Slot("x", ("x1", "x2"), bandwidth_hz={"x1": 3.0, "x2": 3.0}),
    Slot("y", ("y1",), bandwidth_hz={"y1": 4.0}),
)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("instance", "plan"), [(INSTANCE, PLAN), (PIPELINED, PLAN), (LATE_ARRIVAL, PLAN), (STATIC, STATIC_PLAN)]
)
def test_errors_are_told_apart_by_cause(instance: Instance, plan: Plan, seed: int):
    solution = ran(instance, plan, np.random.default_rng(seed))
    assert not checker.check(instance, solution).feasible
    report = measured.check(instance, solution)
    assert report.violations == ()
    predicted = stated(instance, plan).slots
    for row, slot, said in zip(report.rows, solution.slots, predicted):
        assert (row.end.predicted_s, row.end.measured_s) == pytest.approx((said.end_s, slot.end_s))
        assert sum(row.shares_s.values()) == pytest.approx(row.end.error_s)
        assert row.causes["batch"].measured_s == pytest.approx(slot.end_s - slot.ready_s)
        assert row.causes["batch"].predicted_s == pytest.approx(said.end_s - said.ready_s)
        assert row.causes["load"].measured_s == pytest.approx(slot.load_end_s - slot.start_s)
        assert row.causes["load"].predicted_s == pytest.approx(said.load_end_s - said.start_s)
        assert row.causes["waiting"].measured_s > 0.2


def test_the_share_of_a_cause_is_its_error_when_nothing_hides_it():
    """Loads of slot 1 and batches are on the critical path: what they take longer, the end is later."""
    first, second = RIGHT
    slower = dataclasses.replace(second, load_end_s=second.upload_end_s + 2.0, ready_s=second.upload_end_s + 2.0)
    slower = dataclasses.replace(slower, end_s=slower.ready_s + second.end_s - second.ready_s + 0.25)
    row = measured.check(INSTANCE, dataclasses.replace(log(), slots=(first, slower))).rows[1]
    assert row.shares_s == pytest.approx({"load": 2.0, "upload": 0.0, "batch": 0.25, "waiting": 0.0})


def test_a_block_may_be_loaded_again_and_the_prediction_counts_it():
    again = log(loaded_blocks=(1, ("a", "c")))
    report = measured.check(INSTANCE, again)
    assert report.feasible
    assert report.rows[1].causes["load"].predicted_s == pytest.approx(6.0 / 10.0)


@pytest.mark.parametrize("name", ["start_s", "load_end_s", "upload_end_s", "ready_s", "end_s"])
def test_a_time_that_is_missing_is_named(name: str):
    with pytest.raises(InputError, match="expected the time that was measured") as caught:
        measured.check(INSTANCE, log(**{name: (1, None)}))
    assert caught.value.path == f"slots[1].{name}"


def test_nothing_is_compared_with_an_end_that_the_model_never_reaches():
    report = measured.check(INSTANCE, log(bandwidth_hz=(0, {"x1": 5.0, "x2": 1e-320})))
    assert report.feasible
    assert report.rows == ()
