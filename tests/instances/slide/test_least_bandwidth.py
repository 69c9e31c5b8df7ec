"""Least speeds, rates, bandwidths and models: against the recursion, the plain maximum over layers, and by hand."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest

from partload.instances import verdict as limits
from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.slide import clock
from partload.instances.slide.checker import check_plan
from partload.instances.slide.frequency import least_bandwidths
from partload.instances.slide.instance import Downlink, Instance, Layer, LayerArrays, Model, User
from partload.instances.slide.plan import Served
from partload.instances.slide.rate_envelope import RateEnvelope

MODELS, USERS_EACH, LAYERS = 20, 500, 50
WITHIN = 1e-12


def random_model(random: np.random.Generator, name: str) -> Model:
    """Up to 50 layers, some without bytes, some without work, sizes and work over three orders of magnitude."""
    count = int(random.integers(1, LAYERS + 1))
    sizes, work = 10 ** random.uniform((4, 6), (7, 9), (count, 2)).T
    sizes[random.random(count) < 0.1], work[random.random(count) < 0.1] = 0.0, 0.0
    if not sizes.any():
        sizes[-1] = 1e6
    return Model(name, tuple(map(Layer, sizes.tolist(), work.tolist())))


def many_users() -> Instance:
    """10,000 users; work takes from 1 to 99 % of the deadline, at a speed that for half of them the budget limits."""
    random = np.random.default_rng(1)
    models = tuple(random_model(random, f"m{i}") for i in range(MODELS))
    users = []
    for k in range(MODELS * USERS_EACH):
        model, speed = models[k % MODELS], 10 ** random.uniform(9, 12)
        deadline = model.work_flop / speed / random.uniform(0.01, 0.99) or 1.0
        user = User(f"u{k}", (model.id,), FlatChannel(1.0), deadline, speed)
        if k // MODELS % 2 and model.work_flop:
            energy = 1e-27 * model.work_flop * speed**2
            user = dataclasses.replace(
                user, max_flop_per_s=2 * speed, energy_budget_j=energy, energy_coefficient=1e-27, min_flop_per_s=1e8
            )
        users.append(user)
    return Instance("many", Downlink(1e9), models, tuple(users))


@pytest.fixture(scope="module")
def many() -> Instance:
    return many_users()


def test_at_the_least_rate_the_recursion_ends_at_the_deadline_and_below_it_does_not(many: Instance):
    least, columns = least_bandwidths(many), many.arrays
    assert np.isfinite(least.rate_bps).all()
    for i, layers in enumerate(many.layers):
        own = np.flatnonzero(least.model == i)
        assert len(own) == USERS_EACH
        speeds = np.broadcast_to(least.flop_per_s[own, None], (len(own), len(layers.bits)))
        for factor in (1 - WITHIN, 1 + WITHIN):
            arrived = clock.download_ends(layers.bits, least.rate_bps[own] * factor)
            end = clock.compute_ends(arrived, layers.work_flop, speeds)[:, -1]
            assert ((end <= columns.deadline_s[own]) == (factor > 1)).all()


def test_the_envelope_is_the_plain_maximum_over_layers(many: Instance):
    least = least_bandwidths(many)
    for i, layers in enumerate(many.layers):
        own = np.flatnonzero(least.model == i)
        left = np.cumsum(layers.work_flop[::-1])[::-1]
        spent = left / least.flop_per_s[own, None]
        plain = (layers.bits / (many.arrays.deadline_s[own, None] - spent)).max(axis=1)
        assert least.rate_bps[own] == pytest.approx(plain, rel=WITHIN)


def test_the_envelope_is_the_exact_maximum_in_fractions():
    random = np.random.default_rng(2)
    for _ in range(200):
        count = int(random.integers(1, 12))
        bits, work = np.cumsum(random.integers(0, 5, count)), random.integers(0, 4, count)
        envelope = RateEnvelope.of(LayerArrays(bits.astype(float), work.astype(float)))
        left = [int(work[layer:].sum()) for layer in range(count)]
        for quarters in range(4 * left[0] + 1, 4 * left[0] + 40):
            reach = Fraction(quarters, 4)
            exact = max(Fraction(int(b)) / (reach - c) for b, c in zip(bits, left))
            found_bits, found_left = envelope.binding_layer(np.array([float(reach)]))
            assert Fraction(float(found_bits[0])) / (reach - Fraction(float(found_left[0]))) == exact


def test_layers_that_never_decide_are_dropped():
    # The middle layer has few bits more than the first and little work less than the last.
    envelope = RateEnvelope.of(LayerArrays(np.array([8.0, 16.0, 80.0]), np.array([5.0, 1.0, 4.0])))
    assert envelope.bits.tolist() == [8.0, 80.0]
    assert envelope.work_left.tolist() == [10.0, 4.0]
    assert envelope.breakpoints.tolist() == [10 + 8 * 6 / 72]
    assert not envelope.computes_before_download


def one(layers: tuple[tuple[float, float], ...], deadline: float, **changes: object) -> Instance:
    """One user at speed 1 whom one model may serve, given as sizes and work."""
    model = Model("m", tuple(Layer(size, work) for size, work in layers))
    user = dataclasses.replace(User("u", ("m",), FlatChannel(1.0), deadline, 1.0), **changes)
    return Instance("one", Downlink(100.0), (model,), (user,))


@pytest.mark.parametrize(
    ("layers", "deadline", "rate"),
    [
        (((1, 2), (2, 1)), 5.0, 6.0),  # max(8 / (5 - 3), 24 / (5 - 1))
        (((1, 2), (2, 1)), 3.5, 16.0),  # max(8 / 0.5, 24 / 2.5)
        (((1, 2), (2, 1)), 3.0, math.inf),  # The work takes all the time there is.
        (((0, 2), (1, 1)), 3.0, 4.0),  # Unless it can begin with nothing to download: 8 / (3 - 1).
        (((0, 2), (1, 1)), 2.9, math.inf),
        (((0, 2), (0, 1)), 3.0, 0.0),
        (((0, 2), (0, 1)), 2.9, math.inf),
        (((1, 0), (2, 0)), 3.0, 8.0),
        (((0, 0),), 3.0, 0.0),
        (((1, 2), (0, 1)), 5.0, 4.0),
        (((0, 2), (1, 0)), 2.0, 4.0),
    ],
)
def test_least_rates_by_hand(layers, deadline, rate):
    assert least_bandwidths(one(layers, deadline)).rate_bps.tolist() == [rate]


def test_the_energy_budget_fixes_the_speed():
    def found(**changes: object) -> tuple[float, float]:
        least = least_bandwidths(one(((1, 4),), 6.0, energy_coefficient=0.5, **changes))
        return float(least.flop_per_s[0]), float(least.rate_bps[0])

    assert found(energy_budget_j=8.0, max_flop_per_s=3.0) == (2.0, 2.0)  # 0.5 * 4 * 2^2 = 8, 8 / (6 - 4 / 2)
    assert found(energy_budget_j=100.0, max_flop_per_s=1.0) == (1.0, 4.0)
    assert found(energy_budget_j=8.0, max_flop_per_s=3.0, min_flop_per_s=2.0) == (2.0, 2.0)
    assert found(energy_budget_j=8.0, max_flop_per_s=3.0, min_flop_per_s=2.1)[1] == math.inf


def test_each_user_has_the_model_that_needs_least_and_is_allowed():
    models = (
        Model("large", (Layer(2, 1),), 0.9),
        Model("small", (Layer(1, 1),), 0.5),
        Model("heavy", (Layer(0, 9),), 0.1),
    )
    allowed = (("large", "small"), ("large",), ("large", "small", "heavy"), ("heavy",))
    users = [User(f"u{k}", names, FlatChannel(1.0), 5.0, 1.0) for k, names in enumerate(allowed)]
    users.append(dataclasses.replace(users[0], id="accurate", min_accuracy=0.8))
    users.append(dataclasses.replace(users[0], id="unreachable", min_accuracy=0.95))
    users.append(dataclasses.replace(users[2], id="fast", max_flop_per_s=2.0))
    least = least_bandwidths(Instance("choice", Downlink(1.0), models, tuple(users)))
    assert least.model.tolist() == [1, 0, 1, -1, 0, -1, 2]
    assert least.bandwidth_hz.tolist() == [2.0, 4.0, 2.0, math.inf, 4.0, math.inf, 0.0]


def test_beyond_the_ceiling_no_bandwidth_serves():
    rate = 4.0
    for ceiling, served in ((rate * 1.01, True), (rate, False), (rate * 0.9, False)):
        least = least_bandwidths(one(((1, 2), (0, 1)), 5.0, channel=PowerLimitedChannel(ceiling * math.log(2))))
        assert math.isfinite(least.bandwidth_hz[0]) == served
        assert least.rate_bps.tolist() == [rate]


def near_the_ceiling(rate: float, random: np.random.Generator) -> PowerLimitedChannel:
    return PowerLimitedChannel(rate * math.log(2) * (1 + 10 ** random.uniform(-12, 0)))


@pytest.mark.parametrize("kind", ["flat", "power-limited", "near the ceiling"])
def test_the_checker_accepts_the_least_bandwidth_and_nothing_below_the_floor(many: Instance, kind):
    random, rates = np.random.default_rng(3), least_bandwidths(many).rate_bps.tolist()
    users = []
    for user, rate in zip(many.users[:2000], rates):
        limited = PowerLimitedChannel(10 * rate) if kind == "power-limited" else near_the_ceiling(rate, random)
        users.append(dataclasses.replace(user, channel=FlatChannel(3.0) if kind == "flat" else limited))
    instance = many.replace(users=tuple(users), bandwidth_hz=1e30)
    least = least_bandwidths(instance)
    assert (least.floor_hz < least.bandwidth_hz).all()
    able = np.flatnonzero(np.isfinite(least.bandwidth_hz)).tolist()
    speeds = (least.flop_per_s * (1 + 1e-9)).tolist()  # All the tolerance there is.

    def plan(bandwidth: np.ndarray) -> tuple[Served, ...]:
        return tuple(Served(users[k].id, users[k].models[0], float(bandwidth[k]), speeds[k]) for k in able)

    assert not {v.rule for v in check_plan(instance, plan(least.bandwidth_hz)).violations} - {"energy"}
    late = {
        v.ids[0] for v in check_plan(instance, plan(least.floor_hz * (1 - 1e-12))).violations if v.rule == "deadline"
    }
    assert late == {users[k].id for k in able}


def test_a_slack_loosens_deadline_and_speed():
    """Work that takes all of the deadline leaves twice the slack of it for the download."""
    instance = one(((1, 3),), 3.0)
    within, beyond = (least_bandwidths(instance, slack) for slack in (limits.WITHIN, limits.BEYOND))
    assert within.rate_bps[0] == pytest.approx(8 / (3 * 2 * limits.WITHIN), rel=1e-6)
    assert least_bandwidths(instance).floor_hz[0] < beyond.bandwidth_hz[0] < within.bandwidth_hz[0]
    assert np.isinf(least_bandwidths(instance).bandwidth_hz[0])


def test_one_speed_is_best_for_every_layer_unless_energy_is_short():
    instance = one(((1, 2),), 5.0).replace(frequency="per-layer")
    assert least_bandwidths(instance).rate_bps[0] > 0
