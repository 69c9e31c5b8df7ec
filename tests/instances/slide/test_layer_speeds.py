from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partload.instances.slide.clock import compute_ends, download_ends
from partload.instances.slide.instance import LayerArrays
from partload.instances.slide.layer_speeds import Devices, least_energy_speeds, least_rate
from partload.instances.slide.speed_hull import SpeedHull
from partload.instances.verdict import TOLERANCE
from tests.support.slide_speeds import KINDS, Case, convex_energy, exact_energy, of_each, random_case, residual

SPARE = (0.0, 1e-6, 0.03, 0.5, 1.0, 2.0)
"""Parts of what one rate takes above what an infinite one does, for which there are budgets."""

AT_A_FLAT_END = 1e-7
"""Where the energy does not depend on the rate up to a point, half the digits of the point are lost in it."""


def device(deadline=10.0, slowest=0.0, fastest=1e3, budget=np.inf, coefficient=1.0) -> Devices:
    return Devices(*(np.array([value]) for value in (deadline, slowest, fastest, budget, coefficient)))


def staircase(sizes_bits, work) -> SpeedHull:
    return SpeedHull.of(LayerArrays(np.cumsum(np.array(sizes_bits, dtype=float)), np.array(work, dtype=float)))


def speeds(model: SpeedHull, rate: float, **of_device: float) -> list[float]:
    return least_energy_speeds(model, device(**of_device), np.array([rate]))[0].tolist()


def rate(model: SpeedHull, **of_device: float) -> float:
    return float(least_rate(model, device(**of_device))[0])


def end(case: Case, rate_bps: float, chosen: np.ndarray) -> float:
    arrived = download_ends(case.bits, np.array([rate_bps]))
    return float(compute_ends(arrived, case.work_flop, chosen[np.newaxis])[0, -1])


def one_speed(case: Case, rate_bps: float) -> float:
    """The least speed for all layers that is in time."""
    to_the_end = np.cumsum(case.work_flop[::-1])[::-1]
    works = to_the_end > 0
    return max(case.slowest, float(np.max(to_the_end[works] / (case.deadline_s - case.bits[works] / rate_bps))))


def budgets(case: Case) -> list[float]:
    """From what an infinite rate takes to more than what the rate of the case does."""
    work = float(case.work_flop.sum())
    least = work * max(case.slowest, work / case.deadline_s) ** 2
    return [least + spare * (case.energy(case.speeds()) - least) for spare in SPARE]


@pytest.mark.parametrize("factor", [2.0**-1000, 2.0**-600, 2.0**600, 2.0**1000])
def test_numbers_whose_products_are_out_of_range_have_the_same_hull(factor):
    plain, scaled = staircase([2, 5, 2], [1, 2, 3]), staircase(*np.array([[2, 5, 2], [1, 2, 3]]) * factor)
    for name in ("corner_work", "corner_bits", "slope", "hidden_above", "arrival_speed", "waiting_energy"):
        assert getattr(scaled, name).tolist() == getattr(plain, name).tolist(), name
    assert scaled.bits.tolist() == (plain.bits * factor).tolist()


def test_a_staircase_by_hand():
    # Arrivals 2, 4, 9; left to the end 8, 6, 1 for works 3, 2, 1: the hull is (1, 1), then the line to (6, 8).
    model = staircase([2, 2, 5], [3, 2, 1])
    assert speeds(model, 1.0) == pytest.approx([5 / 7, 5 / 7, 1])
    # With twice the rate, left 9, 8, 5.5: one speed from the start is in time everywhere.
    assert speeds(model, 2.0) == pytest.approx([6 / 9] * 3)
    # A least speed raises those below it and nothing else.
    assert speeds(model, 1.0, slowest=0.8) == pytest.approx([0.8, 0.8, 1])
    assert speeds(model, 1.0, slowest=2.0) == [2.0] * 3
    assert np.isnan(speeds(model, 1.0, fastest=0.99)).all()
    assert np.isnan(speeds(model, 0.8)).all()


def test_the_least_rate_by_hand():
    # Two equal layers, the first here at once: energy 1 / (1 - y)^2 + (1 / y)^2 in y = 1 / rate, above y = 1/2.
    model = staircase([0, 1], [1, 1])
    for y in (0.6, 0.75, 0.99):
        assert rate(model, deadline=1.0, budget=1 / (1 - y) ** 2 + 1 / y**2) == pytest.approx(1 / y, rel=1e-13)
    # Up to y = 1/2 one speed is best, and its energy is 8.
    assert rate(model, deadline=1.0, budget=8.0) == pytest.approx(2.0, rel=AT_A_FLAT_END)
    assert rate(model, deadline=1.0, budget=7.999) == np.inf
    # Without a budget f_max decides: 1 s for the download and 0.1 s for the last layer.
    assert rate(model, deadline=1.1, fastest=10.0, coefficient=0.0) == pytest.approx(1.0)
    assert speeds(model, 1.0, deadline=1.1, fastest=10.0, coefficient=0.0) == [10.0, 10.0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_energy_is_that_of_the_convex_problem(kind):
    for seed in range(33):
        case = random_case(seed, kind)
        assert case.energy(case.speeds()) == pytest.approx(convex_energy(case), rel=1e-6), seed


@pytest.mark.parametrize("kind", KINDS)
def test_the_speeds_meet_the_optimality_conditions(kind):
    for seed in range(300):
        case = random_case(seed, kind)
        assert residual(case, case.speeds()) <= 1e-9, seed


def test_other_speeds_do_not_meet_the_optimality_conditions():
    case = random_case(2, "free")
    chosen = case.speeds()
    assert residual(case, chosen * 0.999) > 1e-5
    assert residual(case, chosen * 1.001) > 1e-5


@pytest.mark.parametrize("kind", KINDS)
def test_never_more_energy_than_one_speed_and_never_slower_later(kind):
    saved = 0
    for seed in range(100):
        case = random_case(seed, kind)
        chosen, alike = case.speeds(), one_speed(case, case.rate_bps)
        assert case.energy(chosen) <= float(case.work_flop.sum()) * alike**2 * (1 + TOLERANCE)
        assert (np.diff(chosen) >= -1e-12 * chosen[1:]).all()
        saved += case.energy(chosen) < 0.99 * float(case.work_flop.sum()) * alike**2
    assert saved > 10


@pytest.mark.parametrize("kind", KINDS)
def test_the_least_rate_is_enough_and_nothing_less_is(kind):
    for seed in range(60):
        case = random_case(seed, kind, most_layers=12)
        model = case.model()
        for budget in budgets(case):
            devices = case.devices(budget)
            found = least_rate(model, devices)
            if np.isinf(found[0]) or found[0] == 0:
                continue
            chosen = least_energy_speeds(model, devices, found)[0]
            assert end(case, float(found[0]), chosen) <= case.deadline_s * (1 + TOLERANCE / 2)
            assert case.energy(chosen) <= budget * (1 + TOLERANCE)
            assert chosen.min() >= case.slowest * (1 - TOLERANCE)
            assert chosen.max() <= case.fastest * (1 + TOLERANCE)
            less = exact_energy(case, float(found[0]) * (1 - 1e-9))
            assert less is None or less >= budget * (1 - 1e-11)


@pytest.mark.parametrize("kind", KINDS)
def test_the_least_rate_is_exact_in_one_more_way(kind):
    """The budget is the exact energy at a rate that was chosen: that rate comes back."""
    tried = 0
    for seed in range(100):
        case = random_case(seed, kind, most_layers=12)
        budget = exact_energy(case, case.rate_bps)
        if budget is None or exact_energy(case, 1.01 * case.rate_bps) >= budget * (1 - 1e-4):
            continue  # The rate of the case only just does, or is not what the budget is short of.
        found = least_rate(case.model(), case.devices(float(budget)))
        assert float(found[0]) == pytest.approx(case.rate_bps, rel=1e-11), seed
        tried += 1
    assert tried > 30


@pytest.mark.parametrize("kind", KINDS)
def test_the_least_rate_is_never_more_than_with_one_speed(kind):
    less = 0
    for seed in range(100):
        case = random_case(seed, kind)
        model = case.model()
        to_the_end = np.cumsum(case.work_flop[::-1])[::-1]
        for budget in budgets(case)[2:]:
            alike = min(case.fastest, float(np.sqrt(budget / case.work_flop.sum())))
            with np.errstate(divide="ignore", invalid="ignore"):
                needed = np.where(case.bits > 0, case.bits / (case.deadline_s - to_the_end / alike), 0.0)
            spare = alike * case.deadline_s / to_the_end[0]
            if spare < 1.01 or (needed < 0).any() or np.isinf(needed).any():
                continue  # Impossible, or close to it: then the difference loses too many digits to compare.
            found = float(least_rate(model, case.devices(budget))[0])
            assert found <= float(needed.max()) * (1 + 1e-10)
            less += found < 0.99 * float(needed.max())
    assert less > 30


def test_users_at_once_are_users_one_at_a_time():
    case = random_case(4, "free")
    model = case.model()
    rows = [device(case.deadline_s * factor, 0.0, case.fastest, budgets(case)[-1]) for factor in (0.5, 1, 2, 3, 1e3)]
    together = Devices(*(np.concatenate(columns) for columns in zip(*(vars(row).values() for row in rows))))
    rates = least_rate(model, together)
    assert rates.tolist() == [float(least_rate(model, row)[0]) for row in rows]
    alone = [least_energy_speeds(model, row, rates[n : n + 1])[0] for n, row in enumerate(rows)]
    np.testing.assert_array_equal(least_energy_speeds(model, together, rates), alone)
    assert least_rate(model, together[np.empty(0, dtype=np.int64)]).shape == (0,)
    assert least_energy_speeds(model, together[np.empty(0, dtype=np.int64)], np.empty(0)).shape == (0, len(case.bits))


def test_users_with_a_model_each_are_users_one_at_a_time():
    cases = [random_case(seed, kind) for seed in range(100) for kind in KINDS]
    cases += [
        Case(np.array(bits), np.array(work), 1.0, 8.0, 0.0, 2.0)
        for bits, work in (([0.0, 0.0], [1.0, 2.0]), ([2.0, 3.0], [0.0, 0.0]), ([0.0], [0.0]), ([9.0], [1.0]))
    ]
    model, devices, rate = of_each(cases)
    together = least_energy_speeds(model, devices, rate)
    assert np.isnan(together[-1]).all()  # More bits than the deadline has time for.
    for case, row in zip(cases, together):
        np.testing.assert_array_equal(row[: len(case.bits)], case.speeds())
    share = np.random.default_rng(0).uniform(0.5, 4, len(cases))
    budget = model.work_flop * np.maximum(model.work_flop / devices.deadline_s, devices.min_flop_per_s) ** 2 * share
    rates = least_rate(model, replace(devices, energy_budget_j=budget))
    assert rates.tolist() == [float(least_rate(c.model(), c.devices(b))[0]) for c, b in zip(cases, budget)]
    assert 30 < np.isfinite(rates).sum() < 270
    some = np.array([3, 30, 300])
    np.testing.assert_array_equal(least_energy_speeds(model[some], devices[some], rate[some]), together[some])


def test_a_hull_on_which_each_merger_brings_about_the_next():
    """Every step is a little steeper than that behind it, but for the last, which in the end takes in all."""
    steps = np.cumsum(np.linspace(1, 2, 30)[::-1])
    bits = np.append(steps, steps[-1] + 1000.0)
    case = Case(bits, np.ones(31), float(bits[-1]) / 50.0, 100.0, 0.0, 10.0)
    assert residual(case, case.speeds()) <= 1e-9
    assert np.ptp(case.speeds()[:-1]) == 0


def test_nothing_to_download_needs_no_rate():
    model = staircase([0, 0], [3, 1])
    assert rate(model, deadline=4.0, fastest=1.0) == 0.0
    assert rate(model, deadline=4.0, budget=4.0) == 0.0
    assert speeds(model, 0.0, deadline=4.0, budget=4.0) == [1.0, 1.0]
    assert rate(model, deadline=4.0, fastest=0.999) == np.inf
    assert rate(model, deadline=4.0, budget=3.99) == np.inf


def test_nothing_to_compute_needs_only_the_download():
    model = staircase([3, 5], [0, 0])
    assert rate(model, deadline=4.0) == 2.0
    assert rate(model, deadline=4.0, slowest=1.0, budget=1e-9) == 2.0
    assert not np.isnan(speeds(model, 2.0, deadline=4.0, slowest=1.0, budget=1e-9)).any()
    assert np.isnan(speeds(model, 1.99, deadline=4.0)).all()


def test_layers_without_work_have_to_arrive():
    model = staircase([1, 1, 8], [2, 2, 0])
    assert rate(model, deadline=4.0, fastest=1e9) == pytest.approx(2.5)
    assert np.isnan(speeds(model, 2.4, deadline=4.0)).all()
    in_front = staircase([4, 1, 0], [0, 1, 1])
    assert speeds(in_front, 1.0) == pytest.approx([2 / 5] * 3)


def test_a_budget_that_just_does():
    """The work alone takes the deadline and the budget: only what has no bits to wait for can be served."""
    assert rate(staircase([1], [4]), deadline=4.0, budget=4.0) == np.inf
    model = staircase([0, 1], [3, 1])
    assert rate(model, deadline=4.0, budget=4.0) == pytest.approx(1 / 3, rel=AT_A_FLAT_END)
    assert speeds(model, 1 / 3, deadline=4.0, budget=4.0) == pytest.approx([1.0, 1.0])


def test_one_speed_that_the_device_has():
    model = staircase([1, 1], [1, 1])
    same = {"deadline": 3.0, "slowest": 2.0, "fastest": 2.0}
    assert rate(model, **same, budget=8.0) == pytest.approx(0.8, rel=1e-15)
    assert speeds(model, 0.8, **same, budget=8.0) == [2.0, 2.0]
    assert rate(model, **same, budget=8.0 * (1 - 1e-12)) == pytest.approx(0.8)
    assert rate(model, **same, budget=8.0 * (1 - 1e-11)) == np.inf


def test_work_that_is_lost_in_rounding():
    for little in (1e-30, 1e-16, 3e-16, 1e-15):
        for sizes in ([1, 1, 1], [1, 2, 0]):
            model = staircase(sizes, [little, 1, little])
            found = rate(model, deadline=2.0, budget=1.0)
            assert found == pytest.approx(sum(sizes[:2]), rel=1e-12)
            assert not np.isnan(speeds(model, found, deadline=2.0, budget=1.0)).any()


AMOUNTS = st.integers(0, 5).map(float)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=8), st.integers(1, 40), st.integers(0, 30))
def test_a_larger_budget_and_a_longer_deadline_never_ask_for_more(layers, budget, slowest):
    model = staircase([size for size, _ in layers], [work for _, work in layers])
    base = {"deadline": 5.0, "slowest": slowest / 10, "fastest": 4.0}
    found = rate(model, **base, budget=float(budget))
    assert rate(model, **base, budget=budget + 1.0) <= found * (1 + 1e-12)
    assert rate(model, **{**base, "deadline": 6.0}, budget=float(budget)) <= found * (1 + 1e-12)
    assert rate(model, **base) <= found * (1 + 1e-12)


def test_numbers_at_the_ends_of_what_doubles_hold_end_in_a_plan_or_in_none():
    random = Random(0)

    def number() -> float:
        return 10 ** random.uniform(-300, 300)

    found = 0
    for _ in range(300):
        layers = random.randint(1, 6)
        bits = np.cumsum([random.choice((0.0, number(), 1.0)) for _ in range(layers)])
        model = SpeedHull.of(LayerArrays(bits, np.array([random.choice((0.0, number(), 1.0)) for _ in range(layers)])))
        fastest = number()
        devices = device(number(), fastest * random.choice((0.0, 0.5, 1.0)), fastest, number(), number())
        with np.errstate(all="ignore"):
            least = least_rate(model, devices)
            chosen = least_energy_speeds(model, devices, least)[0]
        assert least[0] >= 0
        if np.isfinite(least[0]):
            assert (chosen >= devices.min_flop_per_s[0]).all()
            assert (chosen <= fastest).all()
            found += 1
    assert 30 < found < 270
