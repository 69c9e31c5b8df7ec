"""The oracle of SLIDE against hand computation, against the checker, and against what must hold of every instance."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from random import Random

import pytest

from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.slide.checker import check_plan
from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User
from tests.support.brute_force_slide import bracket, end, energy, least_bandwidth, least_energy, optimum
from tests.support.random_slide import every, features, random_slide

LAYERS = (Layer(1, 2), Layer(3, 1), Layer(0, 1))
"""8, 32 and 32 bits are needed for what takes 4, 2 and 1 seconds at speed 1."""


def one_user(channel=FlatChannel(1), frequency="per-device", layers=LAYERS, **changes):  # noqa: B008
    user = User("u", ("m",), channel, **({"deadline_s": 12, "max_flop_per_s": 1} | changes))
    return Instance("one", Downlink(100), (Model("m", layers),), (user,), frequency)


def need(instance: Instance) -> float:
    return least_bandwidth(instance, instance.users[0], instance.models[0])


@pytest.mark.parametrize(
    ("changes", "bandwidth"),
    [
        ({}, 3.2),  # max(8 / (12 - 4), 32 / (12 - 2), 32 / (12 - 1))
        ({"deadline_s": 4.5}, 16.0),  # max(8 / 0.5, 32 / 2.5, 32 / 3.5)
        ({"deadline_s": 4}, math.inf),
        ({"channel": FlatChannel(8)}, 0.4),
        ({"channel": PowerLimitedChannel(3.2)}, 3.2),  # One bit per second and hertz where b = c.
        ({"channel": PowerLimitedChannel(3.2 * math.log(2) * 0.999)}, math.inf),
        ({"deadline_s": 12, "max_flop_per_s": 2}, 32 / 11),  # max(8 / 10, 32 / 11, 32 / 11.5)
        ({"max_flop_per_s": 2, "energy_budget_j": 4, "energy_coefficient": 1}, 3.2),  # 4 f^2 <= 4
        ({"max_flop_per_s": 2, "min_flop_per_s": 1.5, "energy_budget_j": 4, "energy_coefficient": 1}, math.inf),
        ({"layers": (Layer(0, 3), Layer(2, 0)), "deadline_s": 3}, 16 / 3),  # The work alone takes the deadline.
        ({"layers": (Layer(0, 3),), "deadline_s": 3}, 0.0),
        ({"layers": (Layer(0, 3),), "deadline_s": 2.9}, math.inf),
    ],
)
def test_least_bandwidth_by_hand(changes, bandwidth):
    assert need(one_user(**changes)) == pytest.approx(bandwidth, rel=1e-8)


def test_one_speed_per_layer_by_hand():
    """Two layers of 8 bits and work 1, due at 3 s. At rate 8 they are here at 1 and 2 s, and 2 s are left for both.

    With 1 s for each the energy is 2, the budget; at a lower rate less than 2 s are left, and no speeds take so little.
    Both speeds are the same, so one for the device does as well.
    """
    layers = (Layer(1, 1), Layer(1, 1))
    budget = {"deadline_s": 3, "max_flop_per_s": 9, "energy_budget_j": 2, "energy_coefficient": 1}
    assert need(one_user(frequency="per-layer", layers=layers, **budget)) == pytest.approx(8, rel=1e-8)
    assert need(one_user(frequency="per-device", layers=layers, **budget)) == pytest.approx(8, rel=1e-8)


def test_one_speed_per_layer_waits_slowly():
    """Work 1 from the start, work 1 when 8 bits are here, by 3 s: at rate 4 after 2 s.

    Speeds 1/2 and 1 take 1/4 + 1 = 1.25 J. One speed of at least 1 takes 2 J, so with 1.25 J it is sqrt(1.25 / 2), and
    the second layer has to be here 1.265 s before the deadline.
    """
    layers = (Layer(0, 1), Layer(1, 1))
    budget = {"deadline_s": 3, "max_flop_per_s": 9, "energy_budget_j": 1.25, "energy_coefficient": 1}
    assert need(one_user(frequency="per-layer", layers=layers, **budget)) == pytest.approx(4, rel=1e-8)
    one_speed = 8 / (3 - 1 / math.sqrt(0.625))
    assert need(one_user(frequency="per-device", layers=layers, **budget)) == pytest.approx(one_speed, rel=1e-8)


def test_admission_is_not_greedy_with_weights():
    users = tuple(
        User(name, ("m",), FlatChannel(8 / bandwidth), 1, 1, weight=weight)
        for name, bandwidth, weight in (("a", 6, 3), ("b", 5, 2), ("c", 5, 2))
    )
    instance = Instance("knapsack", Downlink(10), (Model("m", (Layer(1, 0),)),), users)
    value, plan = optimum(instance)
    assert value == 4
    assert {served.user for served in plan} == {"b", "c"}


@pytest.mark.parametrize("frequency", ["per-device", "per-layer"])
def test_plans_are_feasible_for_the_checker_and_worth_what_is_said(frequency):
    for seed in range(150):
        instance = random_slide(seed, (frequency,))
        value, plan = optimum(instance)
        report = check_plan(instance, plan)
        assert report.feasible, f"seed {seed}: {report.violations}"
        assert report.objective == pytest.approx(value, rel=1e-12)


def test_more_band_more_time_and_speeds_of_their_own_never_serve_less():
    gained: Counter[str] = Counter()
    for seed in range(150):
        instance = random_slide(seed, ("per-device", "per-layer"))
        value = optimum(instance)[0]
        later = tuple(dataclasses.replace(user, deadline_s=1.5 * user.deadline_s) for user in instance.users)
        for name, other in {
            "band": instance.replace(bandwidth_hz=2 * instance.downlink.bandwidth_hz),
            "time": instance.replace(users=later),
            "frequency": instance.replace(frequency="per-layer"),
        }.items():
            assert optimum(other)[0] >= value - 1e-12, f"seed {seed}: {name}"
            gained[name] += optimum(other)[0] > value
    assert min(gained["band"], gained["time"]) > 30
    assert gained["frequency"] > 0


def test_no_random_speeds_take_less_energy():
    random = Random(5)
    compared = 0
    for _ in range(300):
        layers = tuple(Layer(random.randint(0, 3), random.randint(0, 3)) for _ in range(random.randint(1, 4)))
        least = random.choice((0.0, 0.5))
        user = User(
            "u", ("m",), FlatChannel(1), random.randint(5, 15), 3, least, energy_budget_j=1, energy_coefficient=1
        )
        model = Model("m", layers)
        arrived = [sum(layer.size_bytes for layer in layers[: n + 1]) for n in range(len(layers))]
        best = least_energy(user, model, arrived)
        for _ in range(40):
            speeds = tuple(random.uniform(max(least, 0.01), 3) for _ in layers)
            if end(model, arrived, speeds) <= user.deadline_s:
                compared += 1
                assert best is not None
                assert energy(user, model, best) <= energy(user, model, speeds) * (1 + 1e-9)
    assert compared > 2000


def test_instances_have_ties_and_every_feature():
    assert {features(seed) for seed in range(200)} == set(every())
    served: Counter[str] = Counter()
    full = refused = 0
    for seed in range(400):
        instance = random_slide(seed)
        _, plan = optimum(instance)
        served["none" if not plan else "all" if len(plan) == len(instance.users) else "some"] += 1
        full += abs(math.fsum(one.bandwidth_hz for one in plan) / instance.downlink.bandwidth_hz - 1) < 1e-8
        refused += any(user.min_accuracy is not None for user in instance.users)
    assert served["some"] > 280
    assert full > 50
    assert refused > 100


@pytest.mark.parametrize("frequency", ["per-device", "per-layer"])
def test_without_near_ties_the_bracket_is_the_optimum(frequency):
    for seed in range(100):
        instance = random_slide(seed, (frequency,))
        lower, upper, plan = bracket(instance)
        assert lower == upper == pytest.approx(optimum(instance)[0], rel=1e-12)
        assert check_plan(instance, plan).feasible


TIES = {
    "deadline": lambda late: one_user(layers=(Layer(0, 3),), deadline_s=3 / (1 + late)),
    "speed": lambda late: one_user(
        layers=(Layer(0, 3),), max_flop_per_s=2, min_flop_per_s=1 + late, energy_budget_j=3, energy_coefficient=1
    ),
    "energy": lambda late: one_user(
        layers=(Layer(0, 3),), max_flop_per_s=2, min_flop_per_s=1, energy_budget_j=3 / (1 + late), energy_coefficient=1
    ),
    "band": lambda late: one_user().replace(bandwidth_hz=3.2 / (1 + late)),
}
"""A user who can be served but for a limit that is exceeded by a relative amount."""


@pytest.mark.parametrize("limit", TIES)
def test_the_bracket_opens_where_the_tolerance_decides(limit):
    """Within 0.9e-9 of one limit alone a plan is accepted; the tolerances of all together are worth less than 1e-8."""
    for late, expected in ((0.0, (1, 1)), (0.9e-9, (1, 1)), (3.5e-9, (0, 1)), (3e-8, (0, 0))):
        assert bracket(TIES[limit](late))[:2] == expected, late
