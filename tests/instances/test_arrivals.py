"""Arrivals: the clock by hand and by the rules written once more, the checker, files, features and generators."""

from __future__ import annotations

import dataclasses
import json

import pytest

from partload.instances import files, serialisation
from partload.instances.channels import FlatChannel
from partload.instances.errors import InputError
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.checker import check, check_plan
from partload.instances.partial_loading.features import features
from partload.instances.partial_loading.generators import FAMILIES, generate
from partload.instances.partial_loading.horizon import horizon_s
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.metrics import metrics
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.solution import Solution, records, upload_starts
from partload.instances.partial_loading.static import decided, latest_ready_s
from tests.support.brute_force import optimum
from tests.support.own_rules import broken_by_plan, timeline
from tests.support.random_instances import random_arrivals

TIMES = ("start_s", "load_end_s", "upload_end_s", "ready_s", "end_s")
UPLINKS = ("slotted", "pipelined", "static")
FLAT = FlatChannel(1.0)

# Loads 2 s and 3 s, batches 1 s each; one hertz uploads one bit a second.
INSTANCE = Instance(
    "arrivals",
    Server(1.0, 1.0),
    (Block("p", 2.0), Block("q", 3.0)),
    (Model("x", ("p",), 1.0, 0.0), Model("y", ("q",), 0.0, 1.0)),
    (
        Request("x1", "x", 1.0, FLAT, 99.0, arrival_s=4.0),
        Request("x2", "x", 2.0, FLAT, 99.0, arrival_s=1.0),
        Request("y1", "y", 3.0, FLAT, 99.0),
        Request("y2", "y", 0.0, FLAT, 99.0, arrival_s=20.0),
    ),
)
X, Y = Slot("x", ("x1", "x2")), Slot("y", ("y1",))
SHARES = {"x1": 0.25, "x2": 0.5, "y1": 0.25}

BY_HAND: dict[str, tuple[Instance, Plan, list[tuple[float, ...]]]] = {
    # Both inputs are sent from 4 on, the last arrival: 4 + 3. The next slot sends from its start on, 8 + 3.
    "slotted": (INSTANCE, (X, Y), [(0, 2, 7, 7, 8), (8, 11, 11, 11, 12)]),
    # The band waits until 4 and then goes on: 7 + 3 = 10, before y is loaded.
    "pipelined": (INSTANCE.replace(uplink="pipelined"), (X, Y), [(0, 2, 7, 7, 8), (8, 11, 10, 11, 12)]),
    # y first: its upload is done at 3, the band idles until 4.
    "pipelined, the other way": (INSTANCE.replace(uplink="pipelined"), (Y, X), [(0, 3, 3, 3, 4), (4, 6, 7, 7, 8)]),
    # x1 from 4 on, 1 / 0.25 s; x2 from 1 on, 2 / 0.5 s; y1 from 0 on, 3 / 0.25 s.
    "static": (
        INSTANCE.replace(uplink="static"),
        tuple(dataclasses.replace(slot, bandwidth_hz={k: SHARES[k] for k in slot.requests}) for slot in (X, Y)),
        [(0, 2, 8, 8, 9), (9, 12, 12, 12, 13)],
    ),
    # The slot was ready to load at 0 and waits for a request without bits until 20.
    "nothing to send": (INSTANCE, (Slot("y", ("y2",)),), [(0, 3, 20, 20, 21)]),
    "nothing to send, static": (INSTANCE.replace(uplink="static"), (Slot("y", ("y2",)),), [(0, 3, 20, 20, 21)]),
    "bandwidth stated": (
        INSTANCE,
        (Slot("x", ("x1", "x2"), bandwidth_hz={"x1": 0.25, "x2": 0.75}),),
        [(0, 2, 8, 8, 9)],
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(name):
    instance, plan, expected = BY_HAND[name]
    times = clock.run(instance, plan)
    assert [tuple(float(getattr(times, column)[n]) for column in TIMES) for n in range(len(plan))] == expected
    solution = Solution(instance=instance.name, slots=records(instance, plan, times))
    assert check(instance, solution).feasible


@pytest.mark.parametrize("seed", range(96))
def test_times_and_verdicts_are_those_of_the_rules_written_once_more(seed):
    instance = random_arrivals(seed, UPLINKS)
    plan = optimum(instance)[1]
    for tried in (plan, plan[::-1], decided(instance, plan[1:])):
        times, expected = clock.run(instance, tried), timeline(instance, tried)
        for column in TIMES:
            true = [float(getattr(row, column)) for row in expected]
            assert getattr(times, column).tolist() == pytest.approx(true, rel=1e-12), column
        assert {violation.rule for violation in check_plan(instance, tried).violations} == broken_by_plan(
            instance, tried
        )


@pytest.mark.parametrize("uplink", UPLINKS)
def test_a_plan_that_counts_on_an_arrival_at_time_0_is_late(uplink):
    """Feasible if all were there at once, and rejected for its deadline, and for the times that it states."""
    instance = INSTANCE.replace(
        uplink=uplink, requests=tuple(dataclasses.replace(k, deadline_s=7.0) for k in INSTANCE.requests[:3])
    )
    at_once = instance.replace(requests=tuple(dataclasses.replace(k, arrival_s=0.0) for k in instance.requests))
    plan = decided(at_once, (X,))
    stated = records(at_once, plan, clock.run(at_once, plan))
    assert check_plan(at_once, plan).feasible
    report = check(instance, Solution(instance=instance.name, slots=stated))
    assert {violation.rule for violation in report.violations} == {"deadline", "times"}


def test_static_bandwidths_are_least_for_the_time_from_the_arrival_on():
    """x has to be ready by 10: x1 sends from 4 on, x2 from 1 on."""
    instance = INSTANCE.replace(
        uplink="static", requests=tuple(dataclasses.replace(k, deadline_s=11.0) for k in INSTANCE.requests[:3])
    )
    plan = decided(instance, (X,))
    assert latest_ready_s(instance, (X,)).tolist() == [10]
    assert plan[0].bandwidth_hz == {"x1": 1 / 6, "x2": 2 / 9}
    assert clock.run(instance, plan).upload_end_s.tolist() == pytest.approx([10])


def test_uploads_start_with_the_last_arrival_or_static_with_the_first():
    starts = {}
    for name in ("slotted", "pipelined, the other way", "static"):
        instance, plan, _ = BY_HAND[name]
        starts[name] = upload_starts(records(instance, plan, clock.run(instance, plan)), instance)
    assert starts == {"slotted": [4, 8], "pipelined, the other way": [0, 4], "static": [1, 0]}


def test_latency_counts_from_the_arrival():
    instance, plan, _ = BY_HAND["slotted"]
    measures = metrics(instance, plan[:1], clock.run(instance, plan[:1]))
    assert measures["latency_p50_s"] == pytest.approx((8 - 4 + 8 - 1) / 2)


@pytest.mark.parametrize("seed", range(48))
def test_every_plan_ends_by_the_horizon_without_deadlines(seed):
    """One that serves everybody, one request at a time, in any order: here the first and the last come last."""
    instance = random_arrivals(seed, ("slotted", "pipelined")).replace(visits="any", memory_bytes=None)
    never = instance.replace(requests=tuple(dataclasses.replace(k, deadline_s=1e9) for k in instance.requests))
    for order in (never.requests, never.requests[::-1]):
        plan = tuple(Slot(request.model, (request.id,)) for request in order)
        assert clock.run(never, plan).end_s[-1] <= horizon_s(never)


def test_an_arrival_at_the_deadline_or_after_it_is_an_input_error():
    for arrival in (99.0, 100.0):
        with pytest.raises(InputError) as caught:
            INSTANCE.replace(requests=(Request("x1", "x", 1.0, FLAT, 99.0, arrival_s=arrival),))
        assert str(caught.value).startswith("requests[0].arrival_s: expected a number below the deadline, 99, got ")


def test_files_and_hashes_of_instances_without_arrivals_stay_what_they_were():
    at_once = INSTANCE.replace(requests=tuple(dataclasses.replace(k, arrival_s=0.0) for k in INSTANCE.requests))
    document = json.loads(serialisation.render(INSTANCE))
    assert [request.get("arrival_s") for request in document["requests"]] == [4.0, 1.0, None, 20.0]
    assert "arrival_s" not in serialisation.render(at_once)
    assert files.parse(serialisation.render(INSTANCE)) == INSTANCE
    assert serialisation.sha256(INSTANCE) != serialisation.sha256(at_once)
    stated = json.loads(serialisation.render(at_once))
    stated["requests"][0]["arrival_s"] = 0.0
    assert serialisation.sha256(files.parse(json.dumps(stated))) == serialisation.sha256(at_once)


def test_an_instance_asks_for_arrivals_when_somebody_arrives_late():
    assert ("arrivals", "some") in features(INSTANCE)
    assert ("arrivals", "none") in features(INSTANCE.replace(requests=INSTANCE.requests[2:3]))


@pytest.mark.parametrize(("family", "integer"), [*((family, False) for family in FAMILIES), ("general", True)])
def test_generated_arrivals_lie_in_the_first_part_of_the_time_and_leave_the_other_draws_alone(family, integer):
    options = {"models": 4, "requests": 30, "seed": 3, "deadlines": "individual"} | (
        {"integer": True} if integer else {}
    )
    without, made = (generate(family, **options, **more) for more in ({}, {"arrivals": 0.5}))
    parts = [request.arrival_s / request.deadline_s for request in made.requests]
    assert max(parts) <= 0.5
    assert len({request.arrival_s for request in made.requests}) > 2
    assert tuple(dataclasses.replace(k, arrival_s=0.0) for k in made.requests) == without.requests
    if integer:
        assert all(request.arrival_s.is_integer() for request in made.requests)
    else:
        assert min(parts) < 0.1 < 0.4 < max(parts)
