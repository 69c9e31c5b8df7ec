"""The checker: every rule is shown a solution that breaks this rule and no other."""

import dataclasses
from collections.abc import Callable

import pytest

from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.checker import RULES, Report, check, check_plan, objective
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.solution import SlotRecord, Solution, records

INSTANCE = Instance(
    "shop",
    Server(bandwidth_hz=10.0, load_rate_bytes_per_s=10.0, memory_bytes=10.0),
    (Block("a", 4.0), Block("b", 3.0), Block("c", 2.0)),
    (
        Model("x", ("a", "b"), 1.0, 0.5, activation_bytes_per_request=1.0, max_batch=2),
        Model("y", ("a", "c"), 1.0, 0.5),
    ),
    tuple(Request(name, name[0], 10.0, FlatChannel(2.0), 100.0) for name in ("x1", "x2", "x3", "y1", "y2")),
)
PLAN = (Slot("x", ("x1", "x2")), Slot("y", ("y1",)))


def stated(instance: Instance, plan: Plan, /, **changes: object) -> Solution:
    """A solution that states everything there is to state of a plan, and states it right, but for the changes."""
    slots = records(instance, plan, clock.run(instance, plan))
    values = {"instance": instance.name, "status": "feasible", "objective": objective(instance, plan), "slots": slots}
    return Solution(**(values | changes))


def decided(instance: Instance, plan: Plan) -> Solution:
    """A solution that states the decisions alone."""
    slots = [SlotRecord(model=s.model, requests=s.requests, bandwidth_hz=s.bandwidth_hz) for s in plan]
    return Solution(instance=instance.name, slots=tuple(slots))


def slot_changed(number: int, **changes: object) -> Solution:
    """The right solution with a statement about one slot changed."""
    right = stated(INSTANCE, PLAN)
    slots = list(right.slots)
    slots[number] = dataclasses.replace(slots[number], **changes)
    return dataclasses.replace(right, slots=tuple(slots))


CACHED = INSTANCE.replace(residency="cached")
STATIC = INSTANCE.replace(uplink="static")
SHORT_OF_MEMORY = INSTANCE.replace(memory_bytes=8.0)
HURRIED = INSTANCE.replace(
    requests=tuple(dataclasses.replace(r, deadline_s=2.0 if r.id == "x2" else 100.0) for r in INSTANCE.requests)
)

BREAKS: dict[str, tuple[str, Instance, Solution]] = {
    "other name": ("instance", INSTANCE, stated(INSTANCE, PLAN, instance="another")),
    "other hash": ("instance", INSTANCE, stated(INSTANCE, PLAN, instance_sha256="0" * 64)),
    "unknown model": ("unknown-id", INSTANCE, decided(INSTANCE, (Slot("z", ("x1",)),))),
    "unknown request": ("unknown-id", INSTANCE, decided(INSTANCE, (Slot("x", ("nobody",)),))),
    "unknown request with bandwidth": (
        "unknown-id",
        INSTANCE,
        decided(INSTANCE, (Slot("x", ("x1",), bandwidth_hz={"x1": 5.0, "nobody": 1.0}),)),
    ),
    "unknown block": ("unknown-id", INSTANCE, slot_changed(0, resident_blocks=("a", "b", "nothing"))),
    "nobody served": ("empty-slot", INSTANCE, stated(INSTANCE, (PLAN[0], Slot("y", ())))),
    "another's model": ("wrong-model", INSTANCE, stated(INSTANCE, (Slot("x", ("x1", "y1")),))),
    "twice in a slot": ("served-twice", INSTANCE, stated(INSTANCE, (Slot("x", ("x1", "x1")),))),
    "twice in a run": ("served-twice", INSTANCE, stated(INSTANCE, (Slot("x", ("x1",)), Slot("x", ("x1",))))),
    "visited again": (
        "visits",
        INSTANCE,
        stated(INSTANCE, (Slot("x", ("x1",)), Slot("y", ("y1",)), Slot("x", ("x2",)))),
    ),
    "three in a batch of two": ("max-batch", INSTANCE, stated(INSTANCE, (Slot("x", ("x1", "x2", "x3")),))),
    "kept with residency previous": (
        "residency",
        INSTANCE,
        slot_changed(1, resident_blocks=("a", "b", "c")),
    ),
    "dropped while in use": ("residency", INSTANCE, slot_changed(1, resident_blocks=("a",))),
    "dropped while in use, cached": (
        "residency",
        CACHED,
        stated(CACHED, (Slot("x", ("x1",), frozenset("a")),)),
    ),
    "never loaded, cached": ("residency", CACHED, stated(CACHED, (Slot("x", ("x1",), frozenset("abc")),))),
    "brought back without a load, cached": (
        "residency",
        CACHED,
        stated(CACHED, (Slot("x", ("x1",)), Slot("y", ("y1",), frozenset("ac")), Slot("y", ("y2",), frozenset("abc")))),
    ),
    "activations do not fit": ("memory", SHORT_OF_MEMORY, stated(SHORT_OF_MEMORY, PLAN)),
    "kept more than fits, cached": (
        "memory",
        CACHED.replace(memory_bytes=8.5),
        stated(CACHED.replace(memory_bytes=8.5), (Slot("x", ("x1",)), Slot("y", ("y1",)))),
    ),
    "more than the band": (
        "bandwidth",
        INSTANCE,
        stated(INSTANCE, (Slot("x", ("x1", "x2"), bandwidth_hz={"x1": 5.0, "x2": 5.0 + 1e-7}),)),
    ),
    "bandwidth for a stranger": (
        "bandwidth",
        INSTANCE,
        decided(INSTANCE, (Slot("x", ("x1",), bandwidth_hz={"x1": 5.0, "y1": 1.0}),)),
    ),
    "more than the band over all slots, static": (
        "bandwidth",
        STATIC,
        stated(STATIC, (Slot("x", ("x1",), bandwidth_hz={"x1": 6.0}), Slot("y", ("y1",), bandwidth_hz={"y1": 6.0}))),
    ),
    "no bandwidth": (
        "upload",
        INSTANCE,
        stated(INSTANCE, (Slot("x", ("x1", "x2"), bandwidth_hz={"x1": 10.0, "x2": 0.0}), Slot("y", ("y1",)))),
    ),
    "bandwidth not stated, static": ("upload", STATIC, stated(STATIC, (Slot("x", ("x1",)),))),
    "late": ("deadline", HURRIED, stated(HURRIED, PLAN)),
    "late by a little": (
        "deadline",
        INSTANCE.replace(requests=(dataclasses.replace(INSTANCE.requests[0], deadline_s=2.2 * (1 - 2e-9)),)),
        decided(INSTANCE, (Slot("x", ("x1",)),)),
    ),
    "load left out": ("loaded-blocks", INSTANCE, slot_changed(0, loaded_blocks=("a",))),
    "loaded what was there": ("loaded-blocks", INSTANCE, slot_changed(1, loaded_blocks=("a", "c"))),
    "loaded twice": ("loaded-blocks", INSTANCE, slot_changed(1, loaded_blocks=("c", "c"))),
    **{
        f"other {name}": (
            "times",
            INSTANCE,
            slot_changed(1, **{name: getattr(stated(INSTANCE, PLAN).slots[1], name) + 1e-6}),
        )
        for name in ("start_s", "load_end_s", "upload_end_s", "ready_s", "end_s")
    },
    "boast": ("objective", INSTANCE, stated(INSTANCE, PLAN, objective=4.0)),
    "modesty": ("objective", INSTANCE, stated(INSTANCE, PLAN, objective=2.0)),
    "bound below": ("bound", INSTANCE, stated(INSTANCE, PLAN, bound=2.9)),
    "gap too small": ("bound", INSTANCE, stated(INSTANCE, PLAN, bound=4.0, gap=0.2)),
    "gap without a bound": ("bound", INSTANCE, stated(INSTANCE, PLAN, gap=0.0)),
    "optimal without a bound": ("status", INSTANCE, stated(INSTANCE, PLAN, status="optimal")),
    "optimal with a gap": ("status", INSTANCE, stated(INSTANCE, PLAN, status="optimal", bound=4.0, gap=0.25)),
    "unknown with a plan": ("status", INSTANCE, stated(INSTANCE, PLAN, status="unknown")),
}


@pytest.mark.parametrize("name", BREAKS)
def test_each_breaks_one_rule_and_no_other(name):
    rule, instance, solution = BREAKS[name]
    report = check(instance, solution)
    assert {violation.rule for violation in report.violations} == {rule}
    assert not report.feasible


def test_every_rule_is_shown_a_solution_that_breaks_it():
    assert {rule for rule, _, _ in BREAKS.values()} == set(RULES)


@pytest.mark.parametrize(
    "instance", [INSTANCE, CACHED, INSTANCE.replace(uplink="pipelined"), INSTANCE.replace(visits="any")]
)
def test_a_right_solution_breaks_none(instance):
    solution = stated(instance, PLAN, status="optimal", termination="proved", bound=3.0, gap=0.0)
    report = check(instance, solution)
    assert report.violations == ()
    assert report.objective == 3


def test_decisions_are_all_that_a_solution_has_to_state():
    assert check(INSTANCE, decided(INSTANCE, PLAN)).feasible


def test_the_empty_plan_is_feasible():
    report = check(INSTANCE, Solution(instance="shop", status="unknown", objective=0.0, bound=5.0, gap=1.0, slots=()))
    assert report.feasible
    assert report.objective == 0


def only(report: Report):
    (violation,) = report.violations
    return violation


def due(deadline_s: float) -> Instance:
    """The instance with x1 alone, served at 2.2 s: 0.7 s to load, 1.5 s to compute."""
    return INSTANCE.replace(requests=(dataclasses.replace(INSTANCE.requests[0], deadline_s=deadline_s),))


def test_the_end_may_be_the_deadline_within_a_relative_1e_9():
    plan = (Slot("x", ("x1",)),)
    assert clock.run(INSTANCE, plan).end_s[0] == pytest.approx(2.2, rel=1e-15)
    assert check_plan(due(2.2), plan).feasible
    assert check_plan(due(2.2 * (1 - 0.9e-9)), plan).feasible
    assert not check_plan(due(2.2 * (1 - 1.1e-9)), plan).feasible


def test_memory_is_compared_exactly():
    plan = (Slot("x", ("x1", "x2")),)
    assert check_plan(INSTANCE.replace(memory_bytes=9.0), plan).feasible
    assert only(check_plan(INSTANCE.replace(memory_bytes=9.0 - 1e-12), plan)).rule == "memory"


def test_the_last_byte_and_the_last_request_fit():
    assert check_plan(INSTANCE.replace(memory_bytes=7.0 + 2.0), PLAN).feasible


VIOLATIONS: dict[str, tuple[Callable[[], Report], str, tuple[str, ...], float | None]] = {
    "deadline": (lambda: check_plan(due(2.0), (Slot("x", ("x1",)),)), "slots[0]", ("x1",), 0.2),
    "memory": (lambda: check_plan(SHORT_OF_MEMORY, PLAN), "slots[0]", ("x",), 1.0),
    "max-batch": (lambda: check_plan(INSTANCE, (Slot("x", ("x1", "x2", "x3")),)), "slots[0]", ("x",), 1),
    "objective": (lambda: check(INSTANCE, stated(INSTANCE, PLAN, objective=4.0)), "objective", (), 1.0),
    "residency": (lambda: check(INSTANCE, slot_changed(1, resident_blocks=("a", "b", "c"))), "slots[1]", ("b",), 3.0),
    "upload": (
        lambda: check_plan(INSTANCE, (Slot("x", ("x1", "x2"), bandwidth_hz={"x1": 10.0}),)),
        "slots[0]",
        ("x2",),
        None,
    ),
}


@pytest.mark.parametrize("rule", VIOLATIONS)
def test_a_violation_says_where_who_and_by_how_much(rule):
    make, place, ids, amount = VIOLATIONS[rule]
    violation = only(make())
    assert (violation.rule, violation.place, violation.ids) == (rule, place, ids)
    assert violation.amount == (None if amount is None else pytest.approx(amount))
    assert str(violation).startswith(f"{rule}: {place}: ")


def test_every_violation_is_listed():
    plan = (Slot("y", ("y1",)), Slot("x", ("x1", "x2", "x3")), Slot("y", ("y1",)), Slot("x", ()))
    report = check_plan(SHORT_OF_MEMORY, plan)
    found = sorted((violation.rule, violation.place) for violation in report.violations)
    assert found == [
        ("empty-slot", "slots[3]"),
        ("max-batch", "slots[1]"),
        ("memory", "slots[1]"),
        ("served-twice", "slots[2]"),
        ("visits", "slots[2]"),
        ("visits", "slots[3]"),
    ]


def test_a_vanishing_bandwidth_does_not_upload_in_no_time():
    """c / b overflows; the rate must not."""
    weak = Request("x1", "x", 10.0, PowerLimitedChannel(1e7), 100.0)
    instance = INSTANCE.replace(requests=(weak,))
    report = check_plan(instance, (Slot("x", ("x1",), bandwidth_hz={"x1": 1e-305}),))
    assert only(report).rule == "deadline"


@pytest.mark.parametrize("instance", [INSTANCE, STATIC])
def test_bandwidths_whose_sum_is_beyond_all_doubles_are_too_much(instance):
    shares = dict.fromkeys(("x1", "x2"), 1.7e308)
    assert only(check_plan(instance, (Slot("x", ("x1", "x2"), bandwidth_hz=shares),))).rule == "bandwidth"
