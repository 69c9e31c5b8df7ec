"""Bandwidth left over: against closed forms, against the problem written directly, and always a feasible plan."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from partload import solvers
from partload.formulations.goals import GOALS
from partload.instances.channels import FlatChannel, PowerLimitedChannel, rate
from partload.instances.errors import InputError
from partload.instances.library import load
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server, Uplink
from partload.instances.partial_loading.plan import Plan, Slot
from partload.solvers.partial_loading.bandwidth.leftover import LeftOver, use_left_over
from partload.solvers.partial_loading.constructive import greedy_rate
from tests.support.direct_goals import best_value
from tests.support.random_instances import random_instance

UPLINKS: tuple[Uplink, ...] = ("slotted", "pipelined", "static")
FAR = 1e9
"""A deadline that never binds."""


def one_model(requests: list[Request], band_hz: float = 1e7, uplink: Uplink = "slotted") -> Instance:
    """A server with one model that takes no time."""
    model = Model("m", ("b",), 0.0, 0.0)
    return Instance("one-model", Server(band_hz, 1e9, uplink=uplink), (Block("b", 0.0),), (model,), tuple(requests))


def flat_requests(count: int, deadline_s: float = FAR) -> list[Request]:
    random = Random(count)
    return [
        Request(
            f"r{k}", "m", 10 ** random.uniform(4, 7), FlatChannel(random.uniform(0.5, 8)), deadline_s, random.random()
        )
        for k in range(count)
    ]


def all_at_once(instance: Instance) -> Plan:
    """Everybody in one slot; with a static uplink at equal bandwidths."""
    names = tuple(request.id for request in instance.requests)
    share = instance.server.bandwidth_hz / len(names)
    return (Slot("m", names, bandwidth_hz=dict.fromkeys(names, share) if instance.server.uplink == "static" else None),)


def columns(instance: Instance, plan: Plan) -> tuple[np.ndarray, ...]:
    """Bits, weights, bandwidths and rates of the requests that have bits, in the order of the slots."""
    chosen = np.array([instance.request_index[name] for slot in plan for name in slot.requests])
    bandwidth = clock.run(instance, plan).bandwidth_hz
    rates = rate(instance.arrays.channel[chosen], bandwidth)
    sending = instance.arrays.input_bits[chosen] > 0
    return tuple(
        column[sending]
        for column in (instance.arrays.input_bits[chosen], instance.arrays.weight[chosen], bandwidth, rates)
    )


def value(instance: Instance, plan: Plan, goal: str) -> float:
    bits, weight, _, rates = columns(instance, plan)
    return {
        "weighted": float(np.sum(weight * bits / rates)),
        "proportional": float(np.sum(np.log(rates))),
        "max-min": float(np.min(rates)),
    }[goal]


@pytest.mark.parametrize("uplink", UPLINKS)
@pytest.mark.parametrize("count", [1, 2, 12])
def test_weighted_closed_form(count, uplink):
    """Without deadlines that bind, b_k is proportional to sqrt(w_k a_k)."""
    instance = one_model(flat_requests(count), uplink=uplink)
    plan = use_left_over(instance, all_at_once(instance), "weighted").plan
    bits, weight, bandwidth, rates = columns(instance, plan)
    wanted = np.sqrt(weight * bits * bandwidth / rates)
    assert bandwidth == pytest.approx(1e7 * wanted / wanted.sum(), rel=1e-7)


@pytest.mark.parametrize("uplink", UPLINKS)
def test_proportional_closed_form(uplink):
    """Flat channels without deadlines that bind: equal bandwidths."""
    instance = one_model(flat_requests(7), uplink=uplink)
    bandwidth = columns(instance, use_left_over(instance, all_at_once(instance), "proportional").plan)[2]
    assert bandwidth == pytest.approx(1e7 / 7, rel=1e-7)


@pytest.mark.parametrize("uplink", UPLINKS)
def test_max_min_closed_form(uplink):
    """Without deadlines that bind, all rates are equal: 1 / rate is the bandwidth that one bit/s takes of everybody."""
    instance = one_model(flat_requests(7), uplink=uplink)
    _, _, bandwidth, rates = columns(instance, use_left_over(instance, all_at_once(instance), "max-min").plan)
    assert rates == pytest.approx(1e7 / np.sum(bandwidth / rates), rel=1e-7)


def test_max_min_goes_on_with_those_who_can_have_more():
    """a must have 3/4 of the band, so that its own deadline holds; b and c share what is left by their efficiencies,
    and the rate of a stays above theirs."""
    requests = [
        Request("a", "m", 6e6, FlatChannel(1.0), 0.8),
        Request("b", "m", 1e5, FlatChannel(1.0), FAR),
        Request("c", "m", 1e5, FlatChannel(3.0), FAR),
    ]
    instance = one_model(requests, uplink="static")
    own = {"a": 7.5e6, "b": 1.25e6, "c": 1.25e6}
    plan = tuple(Slot("m", (name,), bandwidth_hz={name: own[name]}) for name in "abc")
    rates = columns(instance, use_left_over(instance, plan, "max-min").plan)[3]
    assert rates == pytest.approx([7.5e6, 1.875e6, 1.875e6], rel=1e-7)


def test_max_min_settles_one_slot_after_the_other():
    """Slots have the band in turn; each ends with equal rates of its own."""
    requests = [Request(f"r{k}", "m", 1e5, FlatChannel(k + 1.0), FAR) for k in range(6)]
    instance = one_model(requests)
    plan = (Slot("m", ("r0", "r1")), Slot("m", ("r2", "r3")), Slot("m", ("r4", "r5")))
    rates = columns(instance, use_left_over(instance, plan, "max-min").plan)[3]
    equal = [1e7 / (1 / (k + 1) + 1 / (k + 2)) for k in (0, 2, 4)]
    assert rates == pytest.approx(np.repeat(equal, 2), rel=1e-7)


@pytest.mark.parametrize("goal", GOALS)
def test_random_plans_are_as_good_as_the_problem_written_directly(goal):
    """Deadlines that bind, loads to hide behind, channels of both kinds, every uplink; feasible to the checker."""
    compared = 0
    for seed in range(50):
        instance = random_instance(seed, UPLINKS, ("flat", "power-limited", "mixed"))
        plan = greedy_rate.METHOD.construct(instance).plan(6)
        if not any(instance.requests[instance.request_index[k]].input_bits for slot in plan for k in slot.requests):
            continue
        found = use_left_over(instance, plan, goal)
        assert check_plan(instance, found.plan).feasible
        assert [(slot.model, slot.requests) for slot in found.plan] == [(slot.model, slot.requests) for slot in plan]
        assert found.own_part <= 1e-6
        assert found.kkt.worst <= 1e-6
        assert value(instance, found.plan, goal) == pytest.approx(best_value(instance, plan, goal), rel=1e-5, abs=1e-5)
        compared += 1
    assert compared > 28


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("kind", ["flat", "power-limited"])
def test_a_channel_60_db_worse(goal, kind):
    quality = [1.0, 2.0, 1e-6]
    channels = [FlatChannel(q) if kind == "flat" else PowerLimitedChannel(1e7 * q) for q in quality]
    instance = one_model([Request(f"r{k}", "m", 1e5, channel, FAR) for k, channel in enumerate(channels)])
    found = use_left_over(instance, all_at_once(instance), goal)
    assert found.kkt.worst <= 1e-6
    assert check_plan(instance, found.plan).feasible


@pytest.mark.parametrize("goal", GOALS)
def test_a_plan_without_freedom_stays_as_it_is(goal):
    """The band is just enough: every deadline is met to the digit."""
    requests = [Request("a", "m", 3e6, FlatChannel(1.0), 0.5), Request("b", "m", 2e6, FlatChannel(1.0), 0.5)]
    instance = one_model(requests)
    plan = all_at_once(instance)
    found = use_left_over(instance, plan, goal)
    assert columns(instance, found.plan)[2] == pytest.approx([6e6, 4e6])
    assert np.isnan(found.band_price).all()


@pytest.mark.parametrize("goal", GOALS)
def test_nobody_has_anything_to_upload(goal):
    instance = one_model([Request("a", "m", 0.0, FlatChannel(1.0), FAR), Request("b", "m", 0.0, FlatChannel(1.0), FAR)])
    assert use_left_over(instance, all_at_once(instance), goal).bandwidth_hz.tolist() == [0, 0]
    assert use_left_over(instance, (), goal).plan == ()


def test_requests_without_bits_get_no_bandwidth():
    instance = one_model([*flat_requests(2), Request("none", "m", 0.0, FlatChannel(1.0), FAR)])
    found = use_left_over(instance, all_at_once(instance), "proportional")
    assert found.bandwidth_hz == pytest.approx([5e6, 5e6, 0])


def test_a_thousand_requests():
    instance = one_model(flat_requests(1000))
    bandwidth = columns(instance, use_left_over(instance, all_at_once(instance), "proportional").plan)[2]
    assert bandwidth == pytest.approx(1e4, rel=1e-6)


def test_deadlines_that_cannot_be_met_are_named():
    instance = one_model([Request("a", "m", 3e6, FlatChannel(1.0), 0.2)])
    with pytest.raises(InputError) as caught:
        use_left_over(instance, all_at_once(instance), "max-min")
    assert str(caught.value) == (
        "bandwidth 'max-min': expected a feasible plan, deadline: slots[0]: ends at 0.3 s, request 'a' is due at 0.2 s"
    )


def priced(found: LeftOver) -> tuple[float, float]:
    return float(found.band_price[0]), float(found.time_price[0])


@pytest.mark.parametrize("uplink", ["pipelined", "static"])
@pytest.mark.parametrize("goal", GOALS)
def test_prices_are_slopes(goal, uplink):
    """One slot whose deadline binds for the request with a large input: by how much the goal changes with B and with
    the deadline."""
    channels = [FlatChannel(1.0), PowerLimitedChannel(4e7), FlatChannel(3.0)]
    bits = [6e6, 1e6, 2e5]

    def solved(band_hz: float, deadline_s: float) -> tuple[float, LeftOver]:
        requests = [Request(f"r{k}", "m", d, channel, deadline_s) for k, (d, channel) in enumerate(zip(bits, channels))]
        instance = one_model(requests, band_hz, uplink)
        quickest = all_at_once(instance.replace(uplink="slotted"))
        shares = clock.run(instance.replace(uplink="slotted"), quickest).bandwidth_hz
        names = quickest[0].requests
        found = use_left_over(instance, (Slot("m", names, bandwidth_hz=dict(zip(names, shares.tolist()))),), goal)
        return value(instance, found.plan, goal), found

    band_price, time_price = priced(solved(1e7, 0.9)[1])
    sign = -1 if goal == "weighted" else 1
    by_band = (solved(1.001e7, 0.9)[0] - solved(0.999e7, 0.9)[0]) / 2e4
    by_time = (solved(1e7, 0.9009)[0] - solved(1e7, 0.8991)[0]) / 0.0018
    assert band_price == pytest.approx(sign * by_band, rel=1e-3)
    assert time_price == pytest.approx(sign * by_time, rel=1e-3, abs=1e-6)


def test_an_answer_that_does_not_pass_its_proof_costs_nobody_the_plan(monkeypatch):
    def refuse(instance, plan, goal):
        raise InputError("cannot be verified", source=goal)

    monkeypatch.setattr("partload.solvers.partial_loading.bandwidth.leftover.use_left_over", refuse)
    plain, solution = solvers.solve(load("three-models")), solvers.solve(load("three-models"), bandwidth="max-min")
    assert solution.slots == plain.slots
    assert (solution.status, solution.objective) == ("optimal", 4)
    assert solution.provenance["bandwidth_left_as_it_was"] == "max-min: cannot be verified"
