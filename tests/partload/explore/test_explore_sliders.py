"""Sliders: their starts change nothing, each stop sets its parameter, and positions that do not exist are refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import partload
from partload.explore.exploration import exploration_of
from partload.explore.sliders import around, moved, slider
from partload.explore.state import State, heuristics, read_state
from partload.instances.errors import InputError
from partload.instances.problems import PROBLEMS
from partload.instances.serialisation import render
from partload.instances.variations import varied

SMALL = ("three-models", "slide-energy", "tool-switching")
STATES = {name: State(name=name) for name in ("edge-demo", "slide-cell-20", *SMALL)}
WANTED = {
    "edge-demo": {"bandwidth", "load-rate", "memory", "deadline", "requests", "shared"},
    "slide-cell-20": {"bandwidth", "device-speed", "deadline", "users", "parts"},
    "slide-energy": {"bandwidth", "device-speed", "deadline", "energy-budget", "users"},
}


@pytest.mark.parametrize("name", STATES)
def test_at_their_starts_the_sliders_leave_the_instance_as_it_is(name: str):
    state = STATES[name]
    assert state.instance == partload.read(name)
    assert moved(state.base, state.sliders, {one.parameter: one.start for one in state.sliders}) == state.base


@pytest.mark.parametrize("name", WANTED)
def test_the_sliders_that_an_instance_has(name: str):
    assert {one.parameter for one in STATES[name].sliders} == WANTED[name]


def test_a_parameter_that_changes_nothing_has_no_slider():
    alone = partload.read("three-models").replace(requests=partload.read("three-models").requests[:1])
    (requests,) = (one for one in exploration_of(alone).settings if one.parameter == "requests")
    assert len(slider(requests, alone).stops) == 1


def test_every_request_still_arrives_before_its_deadline():
    state = State(name="general-10x30-arrivals")
    (deadline,) = (one for one in state.sliders if one.parameter == "deadline")
    assert 0 < deadline.start < 24
    for place in range(len(deadline.stops)):
        assert moved(state.base, state.sliders, {"deadline": place}).requests


@pytest.mark.parametrize("value", [1e308, 5e-324, 1.0])
def test_values_that_a_double_cannot_hold_are_no_stops(value: float):
    found = around(value)
    assert found
    assert all(0 < one < math.inf for one in found)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_sliders_are_parameters_of_the_problem(problem):
    settings_ = exploration_of(partload.read(problem.example)).settings
    assert {one.parameter for one in settings_} <= set(problem.parameters)


@pytest.mark.parametrize("name", STATES)
def test_every_stop_sets_its_parameter_and_the_stops_rise(name: str):
    state = STATES[name]
    for one in state.sliders:
        values = [stop.value for stop in one.stops if stop.value is not None]
        assert values == sorted(set(values))
        assert [place for place, stop in enumerate(one.stops) if stop.value is None] == [one.start]
        for place in (0, len(one.stops) // 2, len(one.stops) - 1):
            value = one.stops[place].value
            expected = state.base if value is None else varied(state.base, one.parameter, value)
            assert moved(state.base, state.sliders, {one.parameter: place}) == expected
        assert len({stop.text for stop in one.stops}) == len(one.stops)


@given(data=st.data())
@settings(max_examples=30)
def test_sliders_move_independently_of_their_order(data: st.DataObject):
    state = STATES[data.draw(st.sampled_from(SMALL))]
    positions = {one.parameter: data.draw(st.integers(0, len(one.stops) - 1)) for one in state.sliders}
    found = moved(state.base, state.sliders, positions)
    assert moved(state.base, state.sliders, dict(reversed(positions.items()))) == found
    counted = positions.get("requests", positions.get("users"))
    assert len(found.demand) == 1 + counted
    expected = state.base
    for one in state.sliders:
        value = one.stops[positions[one.parameter]].value
        expected = expected if value is None else varied(expected, one.parameter, value)
    assert found == expected


def shown(document: object) -> tuple[object, str]:
    state = read_state(document)
    return state.instance, state.chosen_heuristic


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"name": "three-models", "positions": {"speed": 1}}, "slider: expected one of bandwidth, load-rate,"),
        (
            {"name": "three-models", "positions": {"bandwidth": 49}},
            "slider bandwidth: expected a position from 0 to 4",
        ),
        ({"name": "three-models", "positions": {"bandwidth": -1}}, "expected a position from 0 to 48, got -1"),
        ({"name": "three-models", "positions": {"bandwidth": 1.5}}, "state: positions.bandwidth: "),
        ({"name": "three-models", "positions": {"bandwidth": True}}, "state: positions.bandwidth: "),
        ({"name": "three-models", "speed": 1}, "state: speed: "),
        ({}, "state: name: "),
        (None, "state: "),
        ({"name": "no-such"}, "no-such: no instance of that name in the library"),
        ({"name": "/etc/passwd"}, "/etc/passwd: no instance of that name in the library"),
        ({"name": "mine.json", "document": "{"}, "mine.json: line 1 column 2: expected JSON"),
        ({"name": "mine.json", "document": "[]"}, "mine.json: expected an object, got a list"),
        ({"name": "three-models", "heuristic": "exact"}, "heuristic: expected one of greedy-sharing"),
    ],
)
def test_a_state_that_cannot_be_is_refused_in_one_line(document: object, problem: str):
    with pytest.raises(InputError) as refused:
        shown(document)
    assert problem in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_solution_is_no_instance():
    document = render(partload.solve("three-models"))
    with pytest.raises(InputError, match=r"plan\.json: expected an instance, this is a solution"):
        assert State(name="plan.json", document=document).base


def test_heuristics_are_those_that_support_the_instance():
    assert "lru" in heuristics(partload.read("general-small-cached"))
    assert "lru" not in heuristics(partload.read("three-models"))
    assert "fifo" not in heuristics(partload.read("static-band"))
    assert "equal-bandwidth" in heuristics(partload.read("slide-energy"))
