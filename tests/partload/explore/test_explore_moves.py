"""Dragging: the checker judges the plan that follows, and names each broken rule."""

from __future__ import annotations

import dataclasses
import re

import pytest

import partload
from partload.explore import answers
from partload.explore.moves import ByHand, Verdict, judged, read_move
from partload.explore.state import State
from partload.instances import files
from partload.instances.errors import InputError
from partload.instances.serialisation import render


def drag(name: str, who: str, target: str, role: str = "optimum", plan: str | None = None) -> Verdict:
    """Drag somebody in the optimum."""
    state = State(name=name)
    if plan is None:
        plan = answers.drawn(state.instance, state.chosen_heuristic)["solutions"][role]
    return judged(state, read_move({"role": role, "solution": plan, "id": who, "target": target}))


def unserved(name: str) -> list[str]:
    instance = partload.read(name)
    solution = partload.solve(instance)
    served = {k for slot in solution.slots for k in slot.requests}
    return [one.id for one in instance.requests if one.id not in served]


def test_a_request_in_the_slot_of_another_model_breaks_wrong_model():
    solution = partload.solve("three-models")
    verdict = drag("three-models", solution.slots[0].requests[0], "1")
    assert "wrong-model" in verdict.text
    assert ("wrong-model", "a request is served by the model it asks for") in {one[:2] for one in verdict.broken}
    assert verdict.violations == partload.check("three-models", verdict.solution).violations


def test_one_request_more_than_the_optimum_breaks_the_deadline():
    (who, *_) = unserved("three-models")
    verdict = drag("three-models", who, "new")
    assert verdict.text == "Not feasible: this plan breaks deadline."
    assert all("is due at" in place for _, _, place in verdict.broken)
    assert verdict.solution.slots[-1].requests == (who,)


def test_a_plan_with_less_is_feasible_and_says_its_worth():
    solution = partload.solve("three-models")
    who = solution.slots[-1].requests[-1]
    verdict = drag("three-models", who, "none")
    assert (verdict.text, verdict.broken) == ("Feasible: this plan is worth 3.", ())
    assert partload.check("three-models", verdict.solution).feasible
    again = drag("three-models", who, "new", plan=render(verdict.solution))
    assert again.solution.objective == 4


def test_a_slot_that_is_left_empty_goes():
    instance = partload.read("hidden-backbone")
    solution = partload.solve(instance)
    verdict = drag("hidden-backbone", solution.slots[0].requests[0], "none")
    assert len(verdict.solution.slots) == len(solution.slots) - 1


def test_a_second_visit_breaks_visits_where_models_are_visited_once():
    solution = partload.solve("three-models")
    who = solution.slots[0].requests[0]
    verdict = drag("three-models", who, "new")
    assert "visits" in verdict.text


def test_the_schedule_without_sharing_is_judged_on_its_own_instance():
    state = State(name="three-models")
    plan = answers.drawn(state.instance, "greedy-sharing")["solutions"]["without"]
    who = files.parse(plan).slots[0].requests[0]
    verdict = drag("three-models", who, "none", "without", plan)
    assert verdict.instance.name == "three-models without sharing"
    assert not verdict.violations


@pytest.mark.long
def test_a_static_band_is_divided_anew():
    solution = partload.solve("static-band")
    verdict = drag("static-band", solution.slots[0].requests[0], "none")
    assert not verdict.violations
    (who, *_) = unserved("static-band")
    verdict = drag("static-band", who, "new")
    assert {rule for rule, _, _ in verdict.broken} & {"deadline", "bandwidth", "wrong-model"}


def test_a_request_that_no_bandwidth_gets_there_in_time_breaks_its_deadline():
    base = partload.read("static-band")
    late = dataclasses.replace(base.requests[-1], deadline_s=1e-3)
    state = State(name="late", document=render(base.replace(requests=(*base.requests[:-1], late))))
    plan = render(partload.solve(state.instance))
    answer = answers.moved(state, {"role": "optimum", "solution": plan, "id": late.id, "target": "new"})
    assert "this plan breaks bandwidth, deadline" in answer["chart"]
    slots = files.parse(answer["solution"]).slots
    assert [slot.bandwidth_hz for slot in slots] == [{"a.1": 1.0, "a.2": 1.0}, {"b.1": 2000.0}]


def test_a_user_more_than_the_optimum_exceeds_the_band():
    instance = partload.read("slide-overlap")
    served = {one.id for one in partload.solve(instance).users}
    (who,) = (user.id for user in instance.users if user.id not in served)
    verdict = drag("slide-overlap", who, "new")
    assert verdict.text == "Not feasible: this plan breaks bandwidth."
    assert any("Hz in use of" in place for _, _, place in verdict.broken)
    assert not drag("slide-overlap", sorted(served)[0], "none").violations


def test_a_user_in_the_place_of_another_has_that_bandwidth():
    instance = partload.read("slide-cell-20")
    solution = partload.solve(instance)
    served = {one.id for one in solution.users}
    who = next(user.id for user in instance.users if user.id not in served)
    verdict = drag("slide-cell-20", who, "0")
    assert verdict.solution.users[0].id == who
    assert verdict.solution.users[0].bandwidth_hz == solution.users[0].bandwidth_hz
    assert "deadline" in verdict.text
    first, last = solution.users[0], solution.users[-1]
    exchanged = {
        one.id: one.bandwidth_hz for one in drag("slide-cell-20", first.id, str(len(served) - 1)).solution.users
    }
    assert (exchanged[first.id], exchanged[last.id]) == (last.bandwidth_hz, first.bandwidth_hz)


def test_the_chart_of_a_move_has_the_verdict_and_the_late_row():
    (who, *_) = unserved("three-models")
    state = State(name="three-models")
    plan = answers.drawn(state.instance, "greedy-sharing")["solutions"]["optimum"]
    answer = answers.moved(state, {"role": "optimum", "solution": plan, "id": who, "target": "new"})
    assert "this plan breaks deadline" in answer["chart"]
    assert re.search(r'class="row late" data-target="2"', answer["chart"])
    assert files.parse(answer["solution"]).objective == 5


def test_the_formulation_says_which_of_its_constraints_a_plan_breaks():
    (who, *_) = unserved("three-models")
    late = ByHand(role="optimum", solution=render(drag("three-models", who, "new").solution))
    instance = partload.read("three-models")
    marks = answers.explained(instance, "sequence", by_hand=late)["marks"]
    assert (marks["in_time"]["kind"], marks["by_its_model"]["kind"]) == ("broken", "binds")
    assert [name for name, mark in marks.items() if mark["kind"] == "broken"] == ["in_time"]
    found = answers.explained(instance, "slot", by_hand=late)
    assert (found["marks"], "has 2 slots, no more can end in time; the plan has 3" in found["note"]) == ({}, True)
    strange = ByHand(role="optimum", solution=render(partload.solve("full-batch")))
    with pytest.raises(InputError, match="the instance has no model"):
        answers.explained(instance, "slot", by_hand=strange)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "nobody"}, "move: the instance has no request 'nobody'"),
        ({"target": "9"}, "move: expected a slot from 0 to 1, new or none, got '9'"),
        ({"target": "-1"}, "move: expected a slot from 0 to 1, new or none, got '-1'"),
        ({"target": "1" * 5000}, "move: expected a slot from 0 to 1, new or none, got '111"),
        ({"role": "best"}, "move: role: "),
        ({"solution": "{}"}, "format: expected this key, it is missing"),
        ({"solution": 1}, "move: solution: "),
    ],
)
def test_a_move_that_cannot_be_is_refused(change: dict[str, object], problem: str):
    state = State(name="three-models")
    move = {"role": "optimum", "solution": render(partload.solve("three-models")), "id": "k1", "target": "none"}
    move["id"] = partload.read("three-models").requests[0].id
    with pytest.raises(InputError) as refused:
        answers.moved(state, move | change)
    assert problem in str(refused.value)


def test_a_plan_of_another_instance_or_problem_is_refused():
    state = State(name="three-models")
    for other, problem in (("slide-overlap", "expected a solution of partial-loading"), ("full-batch", "has no model")):
        move = {"role": "optimum", "solution": render(partload.solve(other)), "id": "x", "target": "none"}
        with pytest.raises(InputError, match=problem):
            answers.moved(state, move)


def test_a_tightening_that_leaves_out_a_feasible_plan_is_not_called_broken():
    verdict = drag("edge-demo", "r10", "none")
    by_hand = ByHand(role="optimum", solution=render(verdict.solution))
    marks = answers.explained(partload.read("edge-demo"), "sequence", by_hand=by_hand)["marks"]
    assert verdict.broken == ()
    assert [name for name, mark in marks.items() if mark["kind"] == "excludes"] == ["better_first"]
    assert "broken" not in {mark["kind"] for mark in marks.values()}
