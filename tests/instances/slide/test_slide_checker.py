"""The checker of SLIDE: every rule is shown a solution that breaks this rule and no other."""

import dataclasses
import math
import warnings
from collections.abc import Callable

import pytest

from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.errors import InputError
from partload.instances.serialisation import sha256
from partload.instances.slide import clock
from partload.instances.slide.checker import RULES, Report, check, check_plan, objective
from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User
from partload.instances.slide.metrics import metrics
from partload.instances.slide.plan import Plan, Served
from partload.instances.slide.solution import Solution, UserRecord, records

BUDGET = {"energy_budget_j": 12.0, "energy_coefficient": 1.0}
INSTANCE = Instance(
    "shop",
    Downlink(10.0),
    (
        Model("small", (Layer(1.0, 2.0), Layer(1.0, 1.0)), 0.7),
        Model("large", (Layer(1.0, 2.0), Layer(4.0, 2.0), Layer(0.0, 0.0)), 0.9),
        Model("unrated", (Layer(1.0, 1.0),)),
    ),
    (
        User("ann", ("small", "large", "unrated"), FlatChannel(8.0), 10.0, 2.0, 0.5, 0.7, **BUDGET),
        User("bob", ("small",), FlatChannel(8.0), 10.0, 2.0, weight=2.0),
        User("cy", ("large",), FlatChannel(4.0), 10.0, 2.0, 0.5),
    ),
)
PLAN = (Served("ann", "small", 2.0, 2.0), Served("bob", "small", 1.0, 1.0), Served("cy", "large", 7.0, 1.0))
PER_LAYER = INSTANCE.replace(frequency="per-layer")


def stated(instance: Instance, plan: Plan, /, **changes: object) -> Solution:
    """A solution that states everything there is to state of a plan, and states it right, but for the changes."""
    users = records(instance, plan, clock.run(instance, plan))
    values = {"instance": instance.name, "status": "feasible", "objective": objective(instance, plan), "users": users}
    return Solution(**(values | changes))


def decided(instance: Instance, plan: Plan) -> Solution:
    """A solution that states the decisions alone."""
    users = [UserRecord(id=s.user, model=s.model, bandwidth_hz=s.bandwidth_hz, flop_per_s=s.flop_per_s) for s in plan]
    return Solution(instance=instance.name, users=tuple(users))


def served(number: int, **changes: object) -> Plan:
    """The right plan with one decision changed."""
    return tuple(dataclasses.replace(one, **changes) if n == number else one for n, one in enumerate(PLAN))


def user_changed(number: int, **changes: object) -> Solution:
    """The right solution with a statement about one user changed."""
    right = stated(INSTANCE, PLAN)
    users = tuple(dataclasses.replace(one, **changes) if n == number else one for n, one in enumerate(right.users))
    return dataclasses.replace(right, users=users)


def with_user(number: int, **changes: object) -> Instance:
    """The instance with something about one user changed."""
    users = (dataclasses.replace(one, **changes) if n == number else one for n, one in enumerate(INSTANCE.users))
    return INSTANCE.replace(users=tuple(users))


def plan_breaks(plan: Plan, instance: Instance = INSTANCE) -> tuple[Instance, Solution]:
    return instance, decided(instance, plan)


BREAKS: dict[str, tuple[str, tuple[Instance, Solution]]] = {
    "other name": ("instance", (INSTANCE, stated(INSTANCE, PLAN, instance="another"))),
    "other hash": ("instance", (INSTANCE, stated(INSTANCE, PLAN, instance_sha256="0" * 64))),
    "unknown user": ("unknown-id", plan_breaks(served(0, user="nobody"))),
    "unknown model": ("unknown-id", plan_breaks(served(0, model="nothing"))),
    "twice": ("served-twice", plan_breaks((*PLAN[:2], Served("ann", "small", 2.0, 2.0)))),
    "twice, with another model": (
        "served-twice",
        plan_breaks((PLAN[0], Served("ann", "large", 2.0, 1.0))),
    ),
    "a model that the user does not take": ("model-not-allowed", plan_breaks(served(1, model="large"))),
    "a model that is not accurate enough": (
        "model-not-allowed",
        plan_breaks(PLAN, with_user(0, min_accuracy=0.7 + 1e-12)),
    ),
    "a model without a stated accuracy": ("model-not-allowed", plan_breaks(served(0, model="unrated"))),
    "too fast": ("speeds", plan_breaks(served(1, flop_per_s=2.0 + 1e-8))),
    "too slow": ("speeds", plan_breaks(served(0, flop_per_s=0.5 - 1e-8))),
    "a layer too fast": ("speeds", plan_breaks(served(1, flop_per_s=(1.0, 2.1)), PER_LAYER)),
    "a layer too slow": ("speeds", plan_breaks(served(0, flop_per_s=(2.0, 0.4)), PER_LAYER)),
    "a layer without work too slow": ("speeds", plan_breaks(served(2, flop_per_s=(1.0, 1.0, 0.4)), PER_LAYER)),
    "speeds of layers where there is one for the device": ("speeds", plan_breaks(served(1, flop_per_s=(1.0, 1.0)))),
    "speeds for other layers": ("speeds", plan_breaks(served(1, flop_per_s=(1.0, 1.0, 1.0)), PER_LAYER)),
    "more than the band": ("bandwidth", plan_breaks(served(2, bandwidth_hz=7.0 + 2e-8))),
    "no bandwidth": ("download", plan_breaks(served(1, bandwidth_hz=0.0))),
    "late": ("deadline", plan_breaks(PLAN, with_user(1, deadline_s=3.9))),
    "late by a little": ("deadline", plan_breaks(PLAN, with_user(1, deadline_s=4.0 * (1 - 2e-9)))),
    "never ready": ("deadline", plan_breaks(served(1, flop_per_s=0.0))),
    "more energy than there is": ("energy", plan_breaks(PLAN, with_user(0, energy_budget_j=12.0 * (1 - 2e-9)))),
    "more energy than there is, layer by layer": (
        "energy",
        plan_breaks(served(0, flop_per_s=(2.0, 1.0)), PER_LAYER.replace(users=with_user(0, energy_budget_j=8.9).users)),
    ),
    "another download": ("times", (INSTANCE, user_changed(0, download_end_s=(0.5, 1.0 + 1e-8)))),
    "another computation": ("times", (INSTANCE, user_changed(0, compute_end_s=(1.5 + 2e-8, 2.0)))),
    "a time too few": ("times", (INSTANCE, user_changed(0, compute_end_s=(1.5,)))),
    "a time too many": ("times", (INSTANCE, user_changed(0, download_end_s=(0.5, 1.0, 1.0)))),
    "another energy": ("energy-stated", (INSTANCE, user_changed(0, energy_j=12.0 + 2e-8))),
    "energy without a coefficient": ("energy-stated", (INSTANCE, user_changed(1, energy_j=0.0))),
    "boast": ("objective", (INSTANCE, stated(INSTANCE, PLAN, objective=5.0))),
    "modesty": ("objective", (INSTANCE, stated(INSTANCE, PLAN, objective=3.0))),
    "bound below": ("bound", (INSTANCE, stated(INSTANCE, PLAN, bound=3.9))),
    "gap too small": ("bound", (INSTANCE, stated(INSTANCE, PLAN, bound=5.0, gap=0.1))),
    "gap without a bound": ("bound", (INSTANCE, stated(INSTANCE, PLAN, gap=0.0))),
    "optimal without a bound": ("status", (INSTANCE, stated(INSTANCE, PLAN, status="optimal"))),
    "unknown with a plan": ("status", (INSTANCE, stated(INSTANCE, PLAN, status="unknown"))),
}


@pytest.mark.parametrize("name", BREAKS)
def test_each_breaks_one_rule_and_no_other(name):
    rule, (instance, solution) = BREAKS[name]
    report = check(instance, solution)
    assert {violation.rule for violation in report.violations} == {rule}
    assert not report.feasible


def test_every_rule_is_shown_a_solution_that_breaks_it():
    assert {rule for rule, _ in BREAKS.values()} == set(RULES)


@pytest.mark.parametrize("instance", [INSTANCE, PER_LAYER, INSTANCE.replace(bandwidth_hz=11)])
def test_a_right_solution_breaks_none(instance):
    claims = {"status": "optimal", "termination": "proved", "bound": 4.0, "gap": 0.0}
    report = check(instance, stated(instance, PLAN, instance_sha256=sha256(instance), **claims))
    assert report.violations == ()
    assert report.objective == 4


def test_decisions_are_all_that_a_solution_has_to_state():
    assert check(INSTANCE, decided(INSTANCE, PLAN)).feasible
    assert check(PER_LAYER, decided(PER_LAYER, served(0, flop_per_s=(2.0, 1.0)))).feasible


def test_the_empty_plan_is_feasible():
    report = check(INSTANCE, Solution(instance="shop", status="unknown", objective=0.0, bound=5.0, gap=1.0, users=()))
    assert report.feasible
    assert report.objective == 0


def test_limits_hold_within_a_relative_1e_9():
    """Ann is ready at 2 s and takes 12 J, all of the band is in use."""
    inside, outside = 1 - 0.9e-9, 1 - 1.1e-9
    for limit in ({"deadline_s": 2.0}, {"energy_budget_j": 12.0}, {"max_flop_per_s": 2.0}):
        ((name, value),) = limit.items()
        assert check_plan(with_user(0, **limit), PLAN).feasible
        assert check_plan(with_user(0, **{name: value * inside}), PLAN).feasible
        assert not check_plan(with_user(0, **{name: value * outside}), PLAN).feasible
    assert check_plan(with_user(0, min_flop_per_s=2.0), PLAN).feasible
    assert check_plan(INSTANCE.replace(bandwidth_hz=10 * inside), PLAN).feasible
    assert not check_plan(INSTANCE.replace(bandwidth_hz=10 * outside), PLAN).feasible


def test_a_floor_is_met_by_the_same_accuracy():
    assert check_plan(with_user(0, min_accuracy=0.7), PLAN).feasible


def only(report: Report):
    (violation,) = report.violations
    return violation


VIOLATIONS: dict[str, tuple[Callable[[], Report], str, tuple[str, ...], float | None]] = {
    "deadline": (lambda: check_plan(with_user(1, deadline_s=3.5), PLAN), "users[1]", ("bob",), 0.5),
    "energy": (lambda: check_plan(with_user(0, energy_budget_j=5.0), PLAN), "users[0]", ("ann",), 7.0),
    "speeds": (lambda: check_plan(INSTANCE, served(1, flop_per_s=2.5)), "users[1]", ("bob",), 0.5),
    "bandwidth": (lambda: check_plan(INSTANCE, served(0, bandwidth_hz=3.0)), "users", (), 1.0),
    "model-not-allowed": (
        lambda: check_plan(INSTANCE, served(1, model="large")),
        "users[1]",
        ("bob", "large"),
        None,
    ),
    "served-twice": (lambda: check_plan(INSTANCE, (PLAN[1], PLAN[1])), "users[1]", ("bob",), 1),
    "download": (lambda: check_plan(INSTANCE, served(1, bandwidth_hz=0.0)), "users[1]", ("bob",), None),
    "objective": (lambda: check(INSTANCE, stated(INSTANCE, PLAN, objective=5.0)), "objective", (), 1.0),
    "times": (
        lambda: check(INSTANCE, user_changed(0, download_end_s=(0.5, 1.5))),
        "users[0].download_end_s[1]",
        (),
        0.5,
    ),
    "energy-stated": (lambda: check(INSTANCE, user_changed(0, energy_j=13.0)), "users[0].energy_j", ("ann",), 1.0),
}


@pytest.mark.parametrize("rule", VIOLATIONS)
def test_a_violation_says_where_who_and_by_how_much(rule):
    make, place, ids, amount = VIOLATIONS[rule]
    violation = only(make())
    assert (violation.rule, violation.place, violation.ids) == (rule, place, ids)
    assert violation.amount == (None if amount is None else pytest.approx(amount))
    assert str(violation).startswith(f"{rule}: {place}: ")


def test_every_violation_is_listed():
    plan = (
        PLAN[0],
        Served("cy", "small", 9.0, 3.0),
        Served("ann", "large", 1.0, 2.0),
        Served("ann", "small", 0.0, 2.0),
    )
    found = sorted((violation.rule, violation.place) for violation in check_plan(INSTANCE, plan).violations)
    assert found == [
        ("bandwidth", "users"),
        ("download", "users[3]"),
        ("energy", "users[2]"),
        ("model-not-allowed", "users[1]"),
        ("served-twice", "users[2]"),
        ("speeds", "users[1]"),
    ]


def extreme(layer: Layer, decision: tuple[float, float], **changes: object) -> Report:
    """The verdict on one user with one layer, where any warning is an error; feasible plans are measured too."""
    user = User("u", ("m",), **({"channel": FlatChannel(1.0), "deadline_s": 1.0, "max_flop_per_s": 1.0} | changes))
    instance = Instance("extreme", Downlink(1e300), (Model("m", (layer, layer)),), (user,))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plan = (Served("u", "m", *decision),)
        report = check_plan(instance, plan)
        if report.feasible:
            assert not any(math.isnan(value or 0.0) for value in metrics(instance, plan, report.times).values())
    return report


def test_numbers_at_the_end_of_all_doubles():
    largest, fast = 1.7e308, {"max_flop_per_s": 1e200}
    assert extreme(Layer(1, 1), (100, 1e200), **fast).feasible
    frugal = {"energy_budget_j": 3e20, "energy_coefficient": 1e-300, "max_flop_per_s": 1e160}
    assert extreme(Layer(1, 1), (100, 1e160), **frugal).feasible
    assert only(extreme(Layer(1, 1), (100, 1e160), **(frugal | {"energy_budget_j": 1e20}))).rule == "energy"
    assert extreme(Layer(1, 0), (100, 1e200), energy_budget_j=1e-300, energy_coefficient=1e200, **fast).feasible
    assert only(extreme(Layer(largest, 1), (100, 1))).rule == "download"
    assert only(extreme(Layer(0, largest), (100, 1))).rule == "deadline"
    assert only(extreme(Layer(1, 0), (1e308, 1), channel=FlatChannel(1e300))).rule == "bandwidth"
    assert only(extreme(Layer(1, 0), (1e-300, 1), channel=PowerLimitedChannel(1e300))).rule == "deadline"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"models": (INSTANCE.models[0],) * 2}, "models[1].id: expected an id of its own, 'small' is taken"),
        ({"users": (INSTANCE.users[1],) * 2}, "users[1].id: expected an id of its own, 'bob' is taken"),
        ({"models": INSTANCE.models[1:]}, "users[0].models[0]: expected the id of a model, got 'small'"),
    ],
)
def test_an_instance_that_contradicts_itself_is_refused(changes, message):
    with pytest.raises(InputError) as caught:
        INSTANCE.replace(**changes)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"models": ("small", "small")}, "users[1].models[1]: expected no repeats, 'small' is there twice"),
        ({"min_flop_per_s": 3.0}, "users[1].min_flop_per_s: expected at most max_flop_per_s 2, got 3"),
        ({"energy_budget_j": 3.0}, "users[1].energy_coefficient: expected a value beside energy_budget_j"),
        ({"energy_coefficient": 3.0}, "users[1].energy_budget_j: expected a value beside energy_coefficient"),
    ],
)
def test_a_user_who_contradicts_himself_is_refused(changes, message):
    with pytest.raises(InputError) as caught:
        with_user(1, **changes)
    assert str(caught.value) == message
