"""The numbers of the page are those of ``partload solve`` on the instance that the page saves; texts are escaped."""

from __future__ import annotations

import dataclasses
import html
import json
import math
import re
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import partload
from partload.explore import answers, chart, render
from partload.explore.exploration import exploration_of
from partload.explore.formulation import covering
from partload.explore.panels import panels
from partload.explore.sliders import moved
from partload.explore.state import State
from partload.instances import files
from partload.instances.partial_loading.transform import without_sharing
from partload.instances.slide.transform import merge_parts
from partload.instances.solution import relative_gap
from tests.support.pages import Page

STATES = [State(name=name) for name in ("three-models", "slide-overlap", "tool-switching", "slide-energy")]
LONG = partial(pytest.param, marks=pytest.mark.long)
CELL = re.compile(r'<td data-measure="(\w+)">([^<]*)</td>')


def measures(answer: answers.Answer) -> list[dict[str, str]]:
    """The rows of the table of measures."""
    rows = answer["parts"]["measures"].split("<tr data-role=")[1:]
    return [dict(CELL.findall(row)) for row in rows]


@given(data=st.data())
@settings(max_examples=5)
def test_the_numbers_are_those_of_solve_on_the_instance_that_is_saved(data: st.DataObject):
    state = data.draw(st.sampled_from(STATES))
    positions = {one.parameter: data.draw(st.integers(0, len(one.stops) - 1)) for one in state.sliders}
    instance = moved(state.base, state.sliders, positions)
    saved = files.parse(answers.saved(instance)["text"])
    assert saved == instance
    optimum, quick, without = measures(answers.drawn(instance, state.chosen_heuristic))
    solved = partload.solve(saved)
    assert float(optimum["objective"]) == solved.objective
    assert float(optimum["bound"]) == solved.bound
    assert (optimum["status"], optimum["method"]) == (solved.status, solved.method)
    assert optimum["gap"] == "0.00%"
    by_heuristic = partload.solve(saved, state.chosen_heuristic)
    assert float(quick["objective"]) == by_heuristic.objective
    gap = relative_gap(by_heuristic.objective, solved.bound)
    assert float(quick["gap"].rstrip("%")) == pytest.approx(100 * gap, abs=0.005)
    other = without_sharing(saved) if hasattr(saved, "requests") else merge_parts(saved, 1)
    assert float(without["objective"]) == partload.solve(other).objective


@pytest.mark.long
def test_what_is_not_proved_in_time_is_shown_with_its_bound():
    instance = partload.read("general-8x24-cached")
    found = panels(instance, exploration_of(instance), "greedy-sharing", 0.05)
    assert found[0].title == "Not proved to be the optimum"
    assert "stopped at the time limit" in found[0].measures["status"]
    assert found[0].solution.bound is None or found[0].solution.bound > found[0].solution.objective


@pytest.mark.parametrize(("heuristic", "limit"), [("greedy-sharing", 2.0), ("local-search", 0.1)])
def test_only_a_heuristic_that_would_go_on_is_soon_stopped(heuristic: str, limit: float):
    instance = partload.read("three-models")
    quick = panels(instance, exploration_of(instance), heuristic)[1].solution
    assert quick.options["time_limit"] == limit


def test_the_solutions_that_the_page_holds_pass_the_check():
    for state in STATES:
        drawn = answers.drawn(state.instance, state.chosen_heuristic)
        for role in ("optimum", "heuristic"):
            assert partload.check(state.instance, files.parse(drawn["solutions"][role])).feasible


def test_charts_show_who_is_served_once_and_the_others_below():
    for state in STATES:
        parts = answers.drawn(state.instance, state.chosen_heuristic)["parts"]
        for role in ("optimum", "heuristic", "without"):
            Page(parts[role])  # Every element is closed.
            chips = re.findall(r'class="chip" data-id="([^"]*)"', parts[role])
            assert sorted(chips) == sorted(one.id for one in state.instance.demand)


def test_the_optimum_and_its_chart_agree_on_times():
    instance = partload.read("three-models")
    drawn = answers.drawn(instance, "greedy-sharing")
    slots = files.parse(drawn["solutions"]["optimum"]).slots
    said = re.findall(r"<title>slot (\d+): loads .*?, from ([\d.e-]+) s to ([\d.e-]+) s", drawn["parts"]["optimum"])
    loading = [slot for slot in slots if slot.load_end_s > slot.start_s]
    assert [(float(start), float(end)) for _, start, end in said] == [
        (pytest.approx(slot.start_s, rel=1e-3), pytest.approx(slot.load_end_s, rel=1e-3)) for slot in loading
    ]


def test_names_are_escaped():
    evil = '<img src=x onerror="alert(1)">'
    base = partload.read("three-models")
    instance = base.replace(
        name=evil,
        description=evil,
        models=tuple(dataclasses.replace(model, id=evil + model.id) for model in base.models),
        requests=tuple(dataclasses.replace(one, id=evil + one.id, model=evil + one.model) for one in base.requests),
    )
    drawn = answers.drawn(instance, "greedy-sharing")
    opened = answers.opened(instance, (), answers.Choices())
    texts = [*drawn["parts"].values(), opened["controls"], render.page({"state": {"name": "</script><img>"}})]
    for text in texts:
        assert "img" not in Page(text).seen
    assert "&lt;img" in drawn["parts"]["optimum"]


@pytest.mark.parametrize("name", ["a\u202eb", "two\nlines\r", "nul\0", "\u200b", '"&lt;\\', "\u00e4"])
def test_a_chip_has_the_very_id_of_its_request(name: str):
    base = partload.read("three-models")
    instance = base.replace(requests=(dataclasses.replace(base.requests[0], id=name), *base.requests[1:]))
    drawn = answers.drawn(instance, "greedy-sharing")["parts"]["optimum"]
    keys = [html.unescape(found) for found in re.findall(r'data-id="([^"]*)"', drawn)]
    assert name in [json.loads(f'"{key}"') for key in keys]
    assert all(key.isascii() and key.isprintable() for key in keys)


@pytest.mark.parametrize("latest_s", [1.79e308, 1e308, 5e-324])
def test_an_axis_of_any_length_has_ticks(latest_s: float):
    horizon = chart.horizon_s([[chart.Row("", None, (), (), latest_s, latest_s)]])
    ticks = chart.ticks(horizon)
    assert latest_s <= horizon < math.inf
    assert 2 <= len(ticks) <= 8
    assert all(0 <= place <= 100 for place, _ in ticks)


@pytest.mark.parametrize("name", ["slide-overlap", *map(LONG, ["three-models", "static-band", "tool-switching"])])
def test_every_formulation_that_is_offered_is_explained(name: str):
    instance = partload.read(name)
    names = covering(instance)
    assert names
    for one in names:
        found = answers.explained(instance, one)
        equations = re.findall(r'data-equation="(\w+)"', found["html"])
        assert len(equations) > 1
        if found["marks"]:
            assert set(equations[1:]) == set(found["marks"])
            assert any(mark["kind"] == "binds" for mark in found["marks"].values())
        else:
            assert "What binds is not marked" in found["note"]
    assert answers.explained(instance, None)["marks"]


def test_binding_constraints_are_counted():
    marks = answers.explained(partload.read("three-models"), "sequence")["marks"]
    assert marks["in_time"] == {"kind": "binds", "text": "binds"}
    assert marks["by_its_model"] == {"kind": "binds", "text": "binds in 4 of 6"}
    assert marks["entered"] == {"kind": "equation", "text": "equation"}


@pytest.mark.parametrize("name", ["three-models", "slide-overlap"])
def test_an_instance_that_nobody_can_be_served_in_is_shown(name: str):
    base = partload.read(name)
    instance = base.replace(bandwidth_hz=1e-9)
    optimum, _, _ = measures(answers.drawn(instance, State(name=name).chosen_heuristic))
    assert optimum["served"] == f"0 of {len(base.demand)}"
    for one in covering(instance):
        assert answers.explained(instance, one).keys() == {"html", "laboratory", "marks", "note", "sizes"}


def test_an_instance_without_demand_is_shown():
    for name, field in (("three-models", "requests"), ("slide-overlap", "users")):
        instance = partload.read(name).replace(**{field: ()})
        state = State(name="empty.json", document=answers.saved(instance)["text"])
        assert measures(answers.drawn(state.instance, state.chosen_heuristic))[0]["served"] == "0 of 0"
        assert "deadline" not in {one.parameter for one in state.sliders}
