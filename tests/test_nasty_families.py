"""The nasty families are nasty, and the comparison sees everything that can be wrong with an answer."""

from __future__ import annotations

import dataclasses
import math
import os
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.partial_loading import instance as partial_loading
from partload.instances.partial_loading.instance import Model, Request, Server
from partload.solvers.registry import Outcome
from tests.support.brackets import Bracket
from tests.support.nasty.blind import Answered
from tests.support.nasty.comparison import against, bracket_of, compared
from tests.support.nasty.families import FAMILIES, SLIDE, Instance

SEEDS = range(30)
CLOSER = 1 - 2e-6
"""A factor that moves a limit by more than any nudge."""


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_seed_stands_for_one_instance_and_some_instances_leave_a_choice(family):
    assert family.instance(3) == family.instance(3)
    choices = 0
    for seed in SEEDS:
        instance = family.instance(seed)
        everybody = math.fsum(one.weight for one in (instance.users if family in SLIDE else instance.requests))
        choices += 0 < bracket_of(instance).upper < everybody * (1 - 1e-12)
    assert choices >= 6


def with_requests(instance: Instance, change: Callable[[Any], dict[str, Any]]) -> Instance:
    requests = (dataclasses.replace(request, **change(request)) for request in instance.requests)
    return instance.replace(requests=tuple(requests))


def with_users(instance: Instance, change: Callable[[Any], dict[str, Any]]) -> Instance:
    return instance.replace(users=tuple(dataclasses.replace(user, **change(user)) for user in instance.users))


def sooner(request: Any) -> dict[str, Any]:
    return {"deadline_s": request.deadline_s * CLOSER}


def frugal(user: Any) -> dict[str, Any]:
    return {} if user.energy_budget_j is None else {"energy_budget_j": user.energy_budget_j * CLOSER}


def weaker(asking: Any) -> dict[str, Any]:
    if not isinstance(asking.channel, PowerLimitedChannel):
        return {}
    return {"channel": PowerLimitedChannel(asking.channel.snr_hz * (1 - 2e-3))}


def less_memory(instance: Any) -> Instance:
    return instance.replace(memory_bytes=math.nextafter(math.nextafter(instance.server.memory_bytes, 0.0), 0.0))


TIGHTENED: dict[str, Callable[[Any], Instance]] = {
    "decimals": lambda instance: with_requests(instance, sooner),
    "memory": less_memory,
    "ceilings": lambda instance: with_requests(instance, weaker),
    "near-ties": lambda instance: with_requests(instance, sooner),
    "equal-models": lambda instance: with_requests(instance, sooner),
    "magnitudes": lambda instance: with_requests(instance, sooner),
    "slide-deadlines": lambda instance: with_users(instance, sooner),
    "slide-budgets": lambda instance: with_users(instance, frugal),
    "slide-band": lambda instance: instance.replace(bandwidth_hz=instance.downlink.bandwidth_hz * CLOSER),
    "slide-ceilings": lambda instance: with_users(instance, weaker),
}
"""What is to be at its limit in a family, and is moved by next to nothing."""


@pytest.mark.parametrize("name", TIGHTENED)
def test_limits_are_next_to_what_a_plan_takes(name):
    moved = 0
    for seed in SEEDS:
        instance = FAMILIES[name].instance(seed)
        moved += bracket_of(TIGHTENED[name](instance)).lower < bracket_of(instance).upper
    assert moved >= 5


@dataclasses.dataclass
class Told:
    """A way of solving that says what it was told to say."""

    answer: Callable[[Bracket], Answered]
    name: str = "told"
    engine: str | None = None

    def covers(self, instance: Any) -> bool:
        return True

    def run(self, instance: Any) -> Answered:
        return self.answer(bracket_of(instance))


def said(truth: Bracket, raw: float = math.inf, **changes: Any) -> Answered:
    """A right answer, changed."""
    return Answered(dataclasses.replace(Outcome(truth.plan, truth.upper, "proved"), **changes), raw)


def noisily(truth: Bracket) -> Answered:
    os.write(2, b"a line of a library's own")
    return said(truth)


def with_a_warning(truth: Bracket) -> Answered:
    warnings.warn("that was close", stacklevel=1)
    return said(truth)


def failing(truth: Bracket) -> Answered:
    raise ValueError("out of shape")


WRONG: dict[str, Callable[[Bracket], Answered]] = {
    "bound 1 below": lambda truth: said(truth, bound=1.0),
    "bound None below": lambda truth: said(truth, bound=None),
    "raw bound 1.9": lambda truth: said(truth, raw=truth.lower * (1 - 1e-5)),
    "infeasible: served-twice": lambda truth: said(truth, plan=(*truth.plan, *truth.plan)),
    "termination error": lambda truth: said(truth, termination="error"),
    "note: a plan contradicts": lambda truth: said(truth, notes=("a plan contradicts the bound",)),
    'wrote "a line of a library\'s own"': noisily,
    "that was close": with_a_warning,
    "ValueError: out of shape": failing,
}


def two_of_three() -> Instance:
    """Three models that take a second each, due after two."""
    models = tuple(Model(f"m{n}", (), 1.0, 0.0) for n in range(3))
    requests = tuple(Request(f"r{n}", f"m{n}", 0.0, FlatChannel(1.0), 2.0) for n in range(3))
    instance = partial_loading.Instance("three", Server(1.0, 1.0), (), models, requests)
    assert bracket_of(instance)[:2] == (2, 2)
    return instance


@pytest.mark.parametrize("problem", WRONG)
def test_the_comparison_sees(problem):
    found = compared(two_of_three(), [Told(WRONG[problem])])
    assert problem in "\n".join(found.problems)
    assert ("told", "wrong") in found.endings


def test_right_answers_are_right():
    endings = {
        "optimal": said,
        "feasible, time-limit": lambda truth: said(truth, bound=3.0, raw=3.0, termination="time-limit"),
        "unknown, time-limit": lambda truth: said(truth, plan=(), termination="time-limit"),
    }
    for ending, answer in endings.items():
        found = compared(two_of_three(), [Told(answer)])
        assert found.problems == ()
        assert ("told", ending) in found.endings
    assert compared(two_of_three(), [Told(noisily, engine="highs")]).problems == ()


def test_two_optima_that_are_both_possible_are_one_too_many():
    instance = two_of_three()
    truth = bracket_of(instance)
    less = dataclasses.replace(Outcome(truth.plan[:1], 1.0, "proved"))
    ways = [Told(said), Told(lambda _: Answered(less, math.inf), "less")]
    assert "proved optima differ" in against(truth._replace(lower=1.0), instance, ways).problems[0]


def test_a_plan_above_what_is_possible_is_a_fault_of_the_oracle():
    instance = two_of_three()
    truth = bracket_of(instance)
    assert "the oracle is wrong" in against(truth._replace(lower=1.0, upper=1.0), instance, [Told(said)]).problems[0]
