"""Admission and its bound: against brute force, on ties, on knife's edges, and when it is cut short."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import pytest

from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.slide.checker import check_plan
from partload.instances.slide.frequency import least_bandwidths
from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User
from partload.instances.solution import relative_gap
from partload.solvers.methods import method as registered
from partload.solvers.registry import Limits, Outcome
from partload.solvers.slide import admission, knapsack_dynamic
from partload.solvers.slide.baselines import random_admission
from partload.solvers.slide.bounds.knapsack import upper_bound
from tests.support.brute_force_slide import optimum
from tests.support.random_slide import random_slide

RANDOM = 500


def served(instance: Instance, outcome: Outcome) -> float:
    """Weight that the plan serves; it has to be feasible."""
    report = check_plan(instance, outcome.plan)
    assert report.feasible, report.violations
    assert report.objective is not None
    return report.objective


def test_it_is_the_optimum_of_brute_force_for_equal_weights():
    left_out = 0
    for seed in range(RANDOM):
        instance = random_slide(seed, weights=("equal",))
        best, _ = optimum(instance)
        assert not registered("slide", "admission").unsupported(instance, Limits())
        outcome = admission.run(instance, Limits())
        assert (served(instance, outcome), outcome.bound, outcome.termination) == (best, best, "proved"), seed
        left_out += best < len(instance.users)
    assert left_out > RANDOM / 2


def test_the_upper_bound_is_none_below_the_optimum():
    tight = 0
    for seed in range(RANDOM):
        instance = random_slide(seed)
        best, bound = optimum(instance)[0], upper_bound(instance)
        assert bound >= best * (1 - 1e-9), seed
        tight += bound <= best * (1 + 1e-9)
        assert upper_bound(instance.replace(frequency="per-layer")) >= best * (1 - 1e-9)
    assert RANDOM / 2 < tight < RANDOM


def identical(count: int, band: float, **changes: object) -> Instance:
    """Users who each need 3 Hz: 24 bits by the deadline 9 at speed 1, the work after them taking 1."""
    user = User("u", ("m",), FlatChannel(1.0), 9.0, 1.0)
    users = tuple(dataclasses.replace(user, id=f"u{k}", **changes) for k in range(count))
    return Instance("identical", Downlink(band), (Model("m", (Layer(3.0, 1.0),)),), users)


@pytest.mark.parametrize(
    ("band", "count"),
    [(2.999, 0), (3.0, 1), (8.999, 2), (9.0, 3), (9 * (1 - 4e-10), 3), (9 * (1 - 1e-7), 2), (100.0, 5)],
)
def test_bands_that_are_filled_exactly(band, count):
    instance = identical(5, band)
    for method in (admission, knapsack_dynamic):
        outcome = method.run(instance, Limits())
        assert (served(instance, outcome), outcome.bound, outcome.termination) == (count, count, "proved")


def just_served(slack: float) -> Instance:
    """Five users alike, and a band for three of them if every limit is passed by so much."""
    needed = least_bandwidths(identical(5, 9.0), slack).bandwidth_hz[0]
    return identical(5, 3 * needed / (1 + slack))


@pytest.mark.parametrize("method", [admission, knapsack_dynamic])
@pytest.mark.parametrize(("slack", "count"), [(0.0, 3), (0.9e-9, 3), (1.1e-9, 2), (1e-8, 2)])
def test_what_the_checker_tolerates_is_used_where_it_decides(method, slack, count):
    instance = just_served(slack)
    outcome = method.run(instance, Limits())
    assert (served(instance, outcome), outcome.bound, outcome.termination) == (count, count, "proved")
    assert check_plan(instance, outcome.plan).feasible


@pytest.mark.parametrize("method", [admission, knapsack_dynamic])
def test_a_tie_at_the_tolerance_itself_is_not_proved_either_way(method):
    instance = just_served(1e-9)
    outcome = method.run(instance, Limits())
    assert (served(instance, outcome), outcome.bound, outcome.termination) == (2, 3, "tolerance")
    assert method.run(instance, Limits(gap=0.4)).termination == "proved"


@pytest.mark.parametrize("method", [admission, knapsack_dynamic])
def test_work_that_takes_all_of_the_deadline_is_a_tie_that_a_wide_enough_band_can_use(method):
    instance = identical(1, 1e12, deadline_s=1.0)
    outcome = method.run(instance, Limits())
    assert (served(instance, outcome), outcome.bound) == (1, 1)
    outcome = method.run(instance.replace(bandwidth_hz=1e9), Limits())
    assert (served(instance, outcome), outcome.bound) == (0, 0)


def test_nobody_and_those_who_cannot_be_served_at_any_bandwidth():
    beyond = identical(3, 1e12, channel=PowerLimitedChannel(3 * math.log(2) * 0.999))
    for instance in (identical(0, 1.0), beyond):
        for method in (admission, knapsack_dynamic):
            outcome = method.run(instance, Limits())
            assert (outcome.plan, outcome.bound, outcome.termination) == ((), 0.0, "proved")
        assert upper_bound(instance) == 0


def test_a_weight_of_all_is_counted():
    instance = identical(5, 9.0, weight=0.1)
    outcome = admission.run(instance, Limits())
    assert served(instance, outcome) == outcome.bound == math.fsum([0.1] * 3)
    assert relative_gap(served(instance, outcome), outcome.bound) == 0


def test_it_says_what_it_does_not_cover():
    instance = identical(2, 9.0)
    mixed = instance.replace(users=(instance.users[0], dataclasses.replace(instance.users[1], weight=2.0)))
    assert registered("slide", "admission").unsupported(mixed, Limits()) == ["weights 'different'"]
    assert registered("slide", "admission").unsupported(instance, Limits(formulation="joint", solver="scip")) == [
        "formulation 'joint'",
        "solver 'scip'",
    ]


@pytest.fixture(params=["interrupted", "time-limit"])
def cut(request, monkeypatch) -> Callable[[str], str]:
    """What makes a function of the program take forever, or be interrupted, and returns how that is reported."""

    def endless(*_: object, **__: object) -> object:
        if request.param == "interrupted":
            raise KeyboardInterrupt
        while True:
            pass

    def patch(name: str) -> str:
        monkeypatch.setattr(name, endless)
        return request.param

    return patch


@pytest.mark.parametrize("method", [admission, knapsack_dynamic, random_admission])
def test_cut_short_it_keeps_a_bound(method, cut):
    why = cut("partload.instances.slide.frequency.choose_models")
    outcome = method.run(identical(3, 9.0), Limits(time_limit=0.05))
    assert (outcome.plan, outcome.termination) == ((), why)
    assert outcome.bound == (None if method is random_admission else 3.0)


def test_cut_short_in_the_programme_it_keeps_the_greedy_plan(cut):
    instance = identical(5, 10.0)
    users = tuple(dataclasses.replace(user, weight=float(k + 2)) for k, user in enumerate(instance.users))
    why = cut("partload.solvers.slide.knapsack.Knapsack.solve")
    outcome = knapsack_dynamic.run(instance.replace(users=users), Limits(time_limit=0.05))
    assert (served(instance.replace(users=users), outcome), outcome.termination) == (4 + 5 + 6, why)
    assert outcome.bound == pytest.approx(4 + 5 + 6 + 3 / 3)


def test_deadlines_beyond_doubles_and_bandwidths_next_to_nothing_are_served():
    forever = identical(2, 1.0, deadline_s=1e300, max_flop_per_s=1e10)
    trickle = identical(2, 1e-300, channel=FlatChannel(1e307), deadline_s=1e20)
    for instance in (forever, trickle, identical(2, 1e-21, channel=PowerLimitedChannel(1e300), deadline_s=1e20)):
        outcome = admission.run(instance, Limits())
        assert (served(instance, outcome), outcome.bound) == (2, 2)
