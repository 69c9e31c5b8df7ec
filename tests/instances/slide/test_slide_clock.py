"""The clock of SLIDE against computation by hand, against an exact recursion, and against the max-plus form."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.slide import clock
from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User
from partload.instances.slide.metrics import metrics
from partload.instances.slide.plan import Served
from tests.support.own_rules_slide import course
from tests.support.random_slide import random_slide, slides

FREQUENCIES = ("per-device", "per-layer")
MODEL = Model("m", (Layer(1, 4), Layer(2, 2), Layer(0, 3), Layer(5, 0)))
"""8, 24, 24 and 64 bits are needed for 4, 2, 3 and 0 FLOP."""


def alone(model: Model = MODEL, channel=FlatChannel(2), **changes) -> Instance:  # noqa: B008
    user = User("u", (model.id,), channel, **({"deadline_s": 99.0, "max_flop_per_s": 2.0} | changes))
    return Instance("alone", Downlink(100), (model,), (user,))


def times(instance: Instance, bandwidth: float, speed: float | tuple[float, ...]):
    run = clock.run(instance, (Served("u", instance.models[0].id, bandwidth, speed),))
    return run.download_end_s[0].tolist(), run.compute_end_s[0].tolist(), float(run.energy_j[0])


@pytest.mark.parametrize(
    ("bandwidth", "speed", "download", "compute"),
    [
        (4, 1, [1, 3, 3, 8], [5, 7, 10, 10]),  # The device is what takes long: no wait after the first layer.
        (4, 2, [1, 3, 3, 8], [3, 4, 5.5, 8]),  # The last layer has no work, but it has to be here.
        (1, 2, [4, 12, 12, 32], [6, 13, 14.5, 32]),  # The download is what takes long: the device waits.
        (4, (4, 2, 1, 9), [1, 3, 3, 8], [2, 4, 7, 8]),
        (0, 1, [math.inf] * 4, [math.inf] * 4),
        (4, 0, [1, 3, 3, 8], [math.inf] * 4),
        (4, (1, 1, 0, 1), [1, 3, 3, 8], [5, 7, math.inf, math.inf]),
        (4, (4, 2, 1, 0), [1, 3, 3, 8], [2, 4, 7, 8]),  # Without work no speed is needed.
    ],
)
def test_times_by_hand(bandwidth, speed, download, compute):
    assert times(alone(), bandwidth, speed)[:2] == (download, compute)


def test_layers_without_bytes_need_no_bandwidth():
    assert times(alone(Model("m", (Layer(0, 3), Layer(0, 0)))), 0, 2)[:2] == ([0, 0], [1.5, 1.5])
    assert times(alone(Model("m", (Layer(0, 3), Layer(1, 1)))), 0, 2)[:2] == ([0, math.inf], [1.5, math.inf])


def test_a_power_limited_channel_carries_b_log2_of_1_plus_c_over_b():
    assert times(alone(channel=PowerLimitedChannel(12)), 4, 2)[0] == pytest.approx([1, 3, 3, 8], rel=1e-15)


def test_energy_by_hand():
    budget = {"energy_budget_j": 1.0, "energy_coefficient": 0.5}
    assert times(alone(**budget), 4, 2)[2] == 0.5 * 9 * 4
    assert times(alone(**budget), 4, (1, 2, 3, 4))[2] == 0.5 * (4 * 1 + 2 * 4 + 3 * 9)
    assert times(alone(), 4, 2)[2] == 0


def test_users_do_not_wait_for_each_other():
    instance = random_slide(4)
    plan = tuple(Served(user.id, user.models[0], 0.7, user.max_flop_per_s) for user in instance.users)
    together = clock.run(instance, plan)
    assert len(plan) > 1
    for n, served in enumerate(plan):
        assert clock.run(instance, (served,)).compute_end_s[0].tolist() == together.compute_end_s[n].tolist()
    assert together.end_s.tolist() == [ends[-1] for ends in together.compute_end_s]


def test_nobody_takes_no_time():
    run = clock.run(random_slide(4), ())
    assert (len(run.end_s), run.download_end_s, run.compute_end_s, len(run.energy_j)) == (0, (), (), 0)


def test_what_is_not_there_is_refused():
    with pytest.raises(KeyError):
        clock.run(alone(), (Served("v", "m", 1, 1),))
    with pytest.raises(KeyError):
        clock.run(alone(), (Served("u", "n", 1, 1),))
    with pytest.raises(ValueError, match="u: expected 4 speeds, got 3"):
        clock.run(alone(), (Served("u", "m", 1, (1, 1, 1)),))


def any_plan(random: Random, instance: Instance) -> tuple[Served, ...]:
    """Any decisions, good or bad."""
    plan = []
    for user in instance.users:
        model = random.choice(instance.models)
        speed = random.choice((user.max_flop_per_s, user.max_flop_per_s / 3))
        alike = random.random() < 0.5
        speeds = speed if alike else tuple(speed * random.choice((1, 0.7, 0)) for _ in model.layers)
        bandwidth = instance.downlink.bandwidth_hz * random.choice((0, 1 / 3, random.random()))
        plan.append(Served(user.id, model.id, bandwidth, speeds))
    return tuple(plan)


def test_agrees_with_an_exact_recursion():
    infinite = finite = 0
    for seed in range(600):
        instance = random_slide(seed)
        plan = any_plan(Random(seed), instance)
        run = clock.run(instance, plan)
        for n, served in enumerate(plan):
            exact = course(instance, served)
            for own, true in ((run.download_end_s, exact.download_end_s), (run.compute_end_s, exact.compute_end_s)):
                assert own[n].tolist() == pytest.approx([float(value) for value in true], rel=1e-13, abs=0)
            assert run.energy_j[n] == pytest.approx(float(exact.energy_j), rel=1e-13, abs=0)
            infinite += math.isinf(run.end_s[n])
            finite += math.isfinite(run.end_s[n])
    assert min(infinite, finite) > 300


@given(slides(), st.randoms(use_true_random=False))
def test_the_max_plus_form(instance, random):
    """t_L is the latest of: layer l arrives, and what is left is computed without waiting (problems, SLIDE, fact 1)."""
    plan = any_plan(random, instance)
    run = clock.run(instance, plan)
    for n, served in enumerate(plan):
        work = instance.layers[instance.model_index[served.model]].work_flop
        with np.errstate(divide="ignore", invalid="ignore"):
            spent = np.where(work > 0, work / np.broadcast_to(served.flop_per_s, work.shape), 0.0)
        ends = run.download_end_s[n] + np.cumsum(spent[::-1])[::-1]
        assert run.end_s[n] == pytest.approx(ends.max(), rel=1e-12)


@given(slides(frequencies=FREQUENCIES), st.floats(1, 4), st.floats(1, 4))
def test_more_bandwidth_and_more_speed_never_end_later(instance, wider, faster):
    plan = tuple(Served(user.id, user.models[0], 0.3, user.max_flop_per_s) for user in instance.users)
    more = tuple(Served(s.user, s.model, s.bandwidth_hz * wider, s.flop_per_s * faster) for s in plan)
    before, after = clock.run(instance, plan), clock.run(instance, more)
    for early, late in zip(after.compute_end_s, before.compute_end_s):
        assert (early <= late * (1 + 1e-12)).all()


def test_measures_by_hand():
    user = alone(energy_budget_j=100.0, energy_coefficient=0.5)
    instance = user.replace(
        users=(*user.users, User("v", ("m",), FlatChannel(2), 99, 2), User("w", ("m",), FlatChannel(1), 9, 9))
    )
    plan = (Served("u", "m", 4, 2), Served("v", "m", 1, 2))
    measured = metrics(instance, plan, clock.run(instance, plan))
    assert (measured["served"], measured["requested"], measured["makespan_s"]) == (2, 3, 32)
    assert (measured["downloaded_bytes"], measured["energy_j"], measured["bandwidth_used"]) == (16, 18, 0.05)
    # Download first they would end at 8 + 4.5 and 32 + 4.5.
    assert measured["overlap_saves_s"] == (12.5 - 8) + (36.5 - 32)
    assert measured["jain_index"] == pytest.approx(5**2 / (2 * 17))
    nobody = metrics(instance, (), clock.run(instance, ()))
    assert (nobody["served"], nobody["makespan_s"], nobody["energy_j"], nobody["bandwidth_used"]) == (0, 0, 0, 0)


def test_energy_whose_factors_are_beyond_all_doubles():
    """1e-300 (1e160)^2 1e-300 is 1e-280, though kappa f c is too little for a double."""
    assert clock.energies(np.array([1e-300]), np.array([1e-300]), np.array([[1e160]])) == pytest.approx(1e-280)
    assert clock.energies(np.array([1e-300]), np.array([1e200]), np.array([[1e160]])) == pytest.approx(1e220)
    assert np.isinf(clock.energies(np.array([1.0]), np.array([1.0]), np.array([[1e160]])))
