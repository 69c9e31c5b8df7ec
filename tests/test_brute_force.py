"""The oracle itself: against every plan there is, against rules written apart from it, and against the checker."""

import dataclasses
import math
from random import Random

import numpy as np
import pytest

from partload.instances.allocation import least_upload_times
from partload.instances.channels import FlatChannel, PowerLimitedChannel, bandwidth_for_rate
from partload.instances.partial_loading.checker import check_plan, objective
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.plan import Plan
from partload.instances.partial_loading.static import with_least_bandwidths
from tests.support.brute_force import bracket, optimum
from tests.support.brute_force_slots import every_plan
from tests.support.own_channels import least_bandwidth, least_upload_time
from tests.support.own_rules import broken_by_plan, served_weight
from tests.support.random_instances import FEATURES, every, features, make, random_instance

LIMITED = ("power-limited", "mixed")
NEW = [
    ("slotted", LIMITED),
    ("pipelined", LIMITED),
    ("static", ("flat",)),
    ("static", LIMITED),
]
"""Uplinks and channels that rules in exact arithmetic do not cover; there the checker is the judge."""


def tiny(seed: int) -> Instance:
    """At most 3 requests: few enough plans to look at each."""
    return make(Random(seed), features(seed), f"tiny-{seed}", most_requests=3)


@pytest.mark.parametrize("seed", range(len(FEATURES)))
def test_no_plan_at_all_is_better(seed):
    instance = tiny(seed)
    best = max(served_weight(instance, plan) for plan in every_plan(instance) if not broken_by_plan(instance, plan))
    assert optimum(instance)[0] == pytest.approx(float(best), rel=1e-12)


@pytest.mark.parametrize("seed", range(len(FEATURES)))
def test_its_plan_keeps_every_rule_and_is_worth_the_optimum(seed):
    instance = random_instance(seed)
    value, plan = optimum(instance)
    assert not broken_by_plan(instance, plan)
    report = check_plan(instance, plan)
    assert report.violations == ()
    assert report.objective == pytest.approx(value, rel=1e-12)


def feasible(instance: Instance, plan: Plan) -> bool:
    """Whether the checker accepts these slots with the best bandwidths for them."""
    decided = with_least_bandwidths(instance, plan) if instance.server.uplink == "static" else plan
    return check_plan(instance, decided).feasible


@pytest.mark.parametrize(("uplink", "channels"), NEW)
def test_no_plan_at_all_passes_the_checker_and_is_better(uplink, channels):
    chosen = every((uplink,), channels)
    for seed in range(max(len(chosen), 48)):
        instance = make(Random(seed), chosen[seed % len(chosen)], f"tiny-{seed}", most_requests=3)
        best = max(objective(instance, plan) for plan in every_plan(instance) if feasible(instance, plan))
        assert optimum(instance)[0] == pytest.approx(best, rel=1e-12), seed


@pytest.mark.parametrize(("uplink", "channels"), NEW)
@pytest.mark.parametrize("block", range(4))
def test_the_checker_accepts_its_plan(uplink, channels, block):
    for seed in range(64 * block, 64 * block + 64):
        instance = random_instance(seed, (uplink,), channels, most_requests=6)
        value, plan = optimum(instance)
        report = check_plan(instance, plan)
        assert report.violations == (), seed
        assert report.objective == pytest.approx(value, rel=1e-12)
        if uplink == "static" and channels == ("flat",):
            assert not broken_by_plan(instance, plan)


@pytest.mark.parametrize("uplink", ["slotted", "pipelined", "static"])
def test_resident_sets_inside_others_never_help(uplink):
    for seed in (seed for seed in range(150) if features(seed).residency == "cached"):
        instance = make(Random(seed), features(seed)._replace(uplink=uplink), "sets", most_requests=4)
        assert optimum(instance)[0] == optimum(instance, every_set=True)[0], seed


def test_own_channels_agree_with_the_project():
    """Two ways to the same numbers: bisection in plain Python here, Newton and Halley on columns there."""
    for seed in range(60):
        instance = random_instance(seed, channels=LIMITED)
        columns, band = instance.arrays, instance.server.bandwidth_hz
        together = np.zeros(len(instance.requests), dtype=np.int64)
        time = least_upload_times(columns.channel, columns.input_bits, together, 1, band)[0]
        assert least_upload_time(instance.requests, band) == pytest.approx(time, rel=1e-13)
        later = 1.5 * max(time, 1e-3)
        shares = bandwidth_for_rate(columns.channel, columns.input_bits / later)
        assert [least_bandwidth(r, later) for r in instance.requests] == pytest.approx(shares.tolist(), rel=1e-12)


def test_a_static_uplink_by_hand():
    """Ready at 4 and 8 at the latest, 2 Hz each: a band of 4 serves both, less only the heavier one.

    On a power-limited channel with c = 6 the first needs 2 Hz for its 16 bits just as well: 2 log2(1 + 3) = 4 bit/s.
    """
    blocks = (Block("p", 2.0), Block("q", 3.0))
    models = (Model("x", ("p",), 1.0, 0.0), Model("y", ("q",), 0.0, 1.0))
    second = Request("y1", "y", 16.0, FlatChannel(1.0), 9.0, weight=2.0)
    for channel, bits in ((FlatChannel(1.0), 8.0), (PowerLimitedChannel(6.0), 16.0)):
        first = Request("x1", "x", bits, channel, 5.0)
        instance = Instance("static", Server(4.0, 1.0, uplink="static"), blocks, models, (first, second))
        value, plan = optimum(instance)
        assert value == 3
        assert [slot.model for slot in plan] == ["x", "y"]
        shares = {name: share for slot in plan for name, share in (slot.bandwidth_hz or {}).items()}
        assert shares == pytest.approx({"x1": 2.0, "y1": 2.0}, rel=1e-8)
        assert optimum(instance.replace(bandwidth_hz=4 * (1 - 1e-6)))[0] == 2


def test_a_later_end_is_worth_it_where_the_uplink_is_free_sooner():
    """Inputs p and q sent together take 1.26 s, one after the other 2 s; but then p is inferred while q arrives.

    So p and q end at 5.26 in one batch and at 5 in two. The third input takes 10 s more, from 1.26 or from 2 on, and
    its batch 2 s: only what looked worse after two requests serves it by 13.5.
    """
    channel = PowerLimitedChannel(1.0)
    asked = {"p": (1.0, 5.3), "q": (1.0, 5.3), "r": (10.0, 13.5)}
    requests = tuple(Request(name, "m", bits, channel, due) for name, (bits, due) in asked.items())
    server = Server(1.0, 1.0, uplink="pipelined")
    value, plan = optimum(Instance("both clocks", server, (), (Model("m", (), 0.0, 2.0),), requests))
    assert value == 3
    assert [slot.requests for slot in plan] == [("p", "q"), ("r",)]


def test_an_input_above_the_ceiling_of_its_rate_is_not_served():
    request = Request("r", "m", 10.0, PowerLimitedChannel(1.0), 6.9)  # At 1.4427 bit/s at most it takes 6.93 s.
    for uplink in ("slotted", "pipelined", "static"):
        server = Server(1e9, 1.0, uplink=uplink)
        instance = Instance("ceiling", server, (), (Model("m", (), 0.0, 0.0),), (request,))
        assert optimum(instance) == (0.0, ())
        later = dataclasses.replace(request, deadline_s=10 * math.log(2) + 1e-6)
        assert optimum(instance.replace(requests=(later,)))[0] == 1


def test_once_and_any_differ_where_a_second_visit_carries_blocks_for_nothing():
    """The example of fact 9."""
    blocks = tuple(Block(name, size) for name, size in {"P": 3.0, "Q": 3.0, "X": 1.0, "Y": 1.0}.items())
    models = tuple(Model(name, tuple(of), 0.0, 0.0) for name, of in {"m": "PQ", "x": "PX", "y": "QY"}.items())
    asked = (("m", 7.0), ("m", 7.0), ("x", 0.0), ("y", 0.0))
    requests = tuple(Request(f"r{k}", m, a, FlatChannel(1.0), 16.0) for k, (m, a) in enumerate(asked))
    once = Instance("fact 9", Server(1.0, 1.0), blocks, models, requests)
    assert optimum(once)[0] == 3
    value, plan = optimum(once.replace(visits="any"))
    assert value == 4
    assert [slot.model for slot in plan] in (["m", "x", "m", "y"], ["m", "y", "m", "x"])


@pytest.mark.parametrize("channels", [("flat",), LIMITED])
@pytest.mark.parametrize("seed", range(len(FEATURES)))
def test_relaxations_are_ordered(seed, channels):
    """Fact 8."""
    instance = random_instance(seed, channels=channels, most_requests=6)
    value = {
        (residency, visits, uplink): optimum(instance.replace(residency=residency, visits=visits, uplink=uplink))[0]
        for residency in ("previous", "cached")
        for visits in ("once", "any")
        for uplink in ("slotted", "pipelined", "static")
    }
    for residency, visits, uplink in value:
        here = value[residency, visits, uplink]
        assert here <= value["cached", visits, uplink]
        assert here <= value[residency, "any", uplink]
        if uplink == "slotted" or channels == ("flat",):
            assert here <= value[residency, visits, "pipelined"]


@pytest.mark.parametrize(("uplink", "channels"), [("slotted", ("flat",)), ("pipelined", ("flat",)), *NEW])
def test_without_near_ties_the_bracket_is_the_optimum(uplink, channels):
    for seed in range(24):
        instance = random_instance(seed, (uplink,), channels, most_requests=6)
        lower, upper, plan = bracket(instance)
        assert lower == upper == pytest.approx(optimum(instance)[0], rel=1e-12)
        assert check_plan(instance, plan).feasible


def one_request(uplink: str, channel: FlatChannel | PowerLimitedChannel, deadline_s: float) -> Instance:
    """Ready after 1 s on the whole band, where the channel gives 1 bit/s; a second of inference."""
    model, request = Model("m", (), 1.0, 0.0), Request("r", "m", 1.0, channel, deadline_s)
    return Instance("tie", Server(1.0, 1.0, uplink=uplink), (), (model,), (request,))


@pytest.mark.parametrize("uplink", ["slotted", "pipelined", "static"])
@pytest.mark.parametrize("channel", [FlatChannel(1.0), PowerLimitedChannel(1.0)])
def test_the_bracket_opens_where_the_tolerance_decides(uplink, channel):
    """A tolerance of 1e-9 on 2 s, and the same on the band, which is worth up to half of that: it moves the upload."""
    for late, expected in ((0.0, (1, 1)), (0.9e-9, (1, 1)), (2.5e-9, (0, 1)), (3.2e-9, (0, 1)), (1e-8, (0, 0))):
        assert bracket(one_request(uplink, channel, 2 / (1 + late)))[:2] == expected, late


def test_memory_is_an_exact_sum_rounded_once():
    """Ten times 0.1 is 1 in memory, though one after another they add up to less, and as fractions to more."""
    blocks = tuple(Block(f"b{n}", 0.1) for n in range(10))
    model, request = Model("m", tuple(block.id for block in blocks), 0.0, 0.0), Request("r", "m", 0, FlatChannel(1), 9)
    for memory, served in ((1.0, 1), (math.nextafter(1.0, 0.0), 0)):
        assert bracket(Instance("sum", Server(1.0, 1.0, memory_bytes=memory), blocks, (model,), (request,)))[:2] == (
            served,
            served,
        )
