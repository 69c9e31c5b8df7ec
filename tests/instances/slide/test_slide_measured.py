"""The checker of measured runs of SLIDE: every rule is shown a log that breaks it, and errors are told apart."""

import dataclasses

import pytest

from partload.instances.errors import InputError
from partload.instances.library import load
from partload.instances.slide import clock, measured
from partload.instances.slide.instance import Instance
from partload.instances.slide.plan import Served
from partload.instances.slide.solution import Solution, records

BASE = load("slide-overlap", Instance)
FULL = tuple(
    Served(user.id, user.models[0], BASE.downlink.bandwidth_hz / 4, user.max_flop_per_s) for user in BASE.users
)
PLAN = FULL[:2]
LOOSE = BASE.replace(users=tuple(dataclasses.replace(user, deadline_s=1000.0) for user in BASE.users))
BUDGET = LOOSE.replace(
    users=tuple(dataclasses.replace(u, energy_budget_j=1e-6, energy_coefficient=1.0) for u in LOOSE.users)
)


def log(instance: Instance = LOOSE, plan: tuple[Served, ...] = PLAN, **changes: object) -> Solution:
    """A run that went as predicted, but for changes to its first user."""
    users = list(records(instance, plan, clock.run(instance, plan)))
    users[0] = dataclasses.replace(users[0], **changes)
    return Solution(instance=instance.name, users=tuple(users))


RIGHT = log().users[0]
DOWN, DONE = RIGHT.download_end_s, RIGHT.compute_end_s
assert DOWN is not None
assert DONE is not None
BREAKS = {
    "layer arrives before the one before": ("order", LOOSE, log(download_end_s=(DOWN[1], DOWN[0], *DOWN[2:]))),
    "computed before it is there": ("order", LOOSE, log(compute_end_s=(DOWN[0] * 0.5, *DONE[1:]))),
    "late": ("deadline", LOOSE, log(compute_end_s=(*DONE[:-1], 1001.0))),
    "energy measured": ("energy", BUDGET, log(BUDGET, PLAN[:1], energy_j=1e-5)),
    "energy not measured": ("energy", BUDGET, log(BUDGET, PLAN[:1], energy_j=None)),
    "twice": ("served-twice", LOOSE, log(plan=(PLAN[0], PLAN[0]))),
    "too much band": (
        "bandwidth",
        LOOSE,
        log(plan=(dataclasses.replace(PLAN[0], bandwidth_hz=2 * BASE.downlink.bandwidth_hz),)),
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_log_that_breaks_one_rule(name: str):
    rule, instance, solution = BREAKS[name]
    assert rule in {violation.rule for violation in measured.check(instance, solution).violations}
    if rule != "order":
        assert {violation.rule for violation in measured.check(instance, solution).violations} == {rule}


def test_the_clock_is_a_possible_run_without_error():
    report = measured.check(LOOSE, log())
    assert report.feasible
    assert [row.end.error_s for row in report.rows] == pytest.approx([0, 0], abs=1e-12)


def test_energy_that_was_measured_replaces_that_of_the_model():
    assert measured.check(BUDGET, log(BUDGET, PLAN[:1], energy_j=1e-6)).feasible


def test_errors_are_told_apart_by_cause():
    later = [time + 1.0 for time in DOWN]
    done, end = [], 0.0
    before = 0.0
    for layer, here in enumerate(DOWN):
        spent = DONE[layer] - max(before, here)
        before = DONE[layer]
        end = max(end, later[layer]) + spent + 0.5
        done.append(end)
    row = measured.check(LOOSE, log(download_end_s=tuple(later), compute_end_s=tuple(done))).rows[0]
    assert row.causes["download"].error_s == pytest.approx(1.0)
    assert row.causes["compute"].error_s == pytest.approx(0.5 * len(DOWN))
    assert row.end.predicted_s == pytest.approx(DONE[-1])
    assert sum(row.shares_s.values()) == pytest.approx(end - DONE[-1])
    assert row.shares_s["download"] == pytest.approx(1.0)


@pytest.mark.parametrize("times", [None, DOWN[:-1]])
def test_a_time_that_is_missing_is_named(times: tuple[float, ...] | None):
    with pytest.raises(InputError, match=f"for each of {len(DOWN)} layers") as caught:
        measured.check(LOOSE, log(compute_end_s=times))
    assert caught.value.path == "users[0].compute_end_s"


def test_nothing_is_compared_with_an_end_that_the_model_never_reaches():
    report = measured.check(LOOSE, log(flop_per_s=1e-320))
    assert report.rows == ()
