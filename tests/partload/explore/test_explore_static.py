"""The page without a server: it holds the answer for each position of each slider, and asks nobody for anything."""

from __future__ import annotations

import json
import re

import pytest

from partload.explore import answers, static
from partload.explore.sliders import Slider, Stop, moved
from partload.explore.state import State
from tests.support.pages import Page


def slider(count: int, start: int) -> Slider:
    return Slider("bandwidth", "bandwidth", tuple(Stop(float(n), str(n)) for n in range(count)), start)


@pytest.mark.parametrize(("count", "start"), [(49, 24), (49, 0), (21, 20), (10, 4), (50, 7), (9, 3), (2, 1)])
def test_a_thinned_slider_keeps_its_ends_and_its_start(count: int, start: int):
    found = static.thinned(slider(count, start))
    assert len(found.stops) == min(count, static.MOST_STOPS)
    assert found.stops[found.start].value == start
    values = [stop.value for stop in found.stops]
    assert values == sorted(values)
    assert {values[0], values[-1]} <= {0, count - 1, start}


def test_the_page_holds_the_answers_for_every_position(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(static, "MOST_STOPS", 3)
    state = State(name="slide-overlap")
    page = static.page(state)
    start = json.loads(re.search(r'id="start">(.*?)</script>', page, re.DOTALL)[1])
    held = start["answers"]
    sliders = tuple(map(static.thinned, state.sliders))
    keys = {f"{one.parameter}={place}" for one in sliders for place in range(len(one.stops)) if place != one.start}
    assert held["found"].keys() == {"", *keys}
    for key in ("", "bandwidth=0", "parts=0"):
        name, _, place = key.partition("=")
        instance = moved(state.base, sliders, {name: int(place)} if name else {})
        draw, explain = held["found"][key]["draw"], held["found"][key]["explain"]
        expected = answers.drawn(instance, "equal-bandwidth")
        assert {role: held["parts"][number] for role, number in draw.items()} == expected["parts"]
        texts = {name: held["parts"][explain[name]] for name in static.TEXTS}
        assert explain | texts == answers.explained(instance, None) | ({"laboratory": ""} if key else {})
    assert len(set(held["parts"])) == len(held["parts"])
    assert [one for one in Page(page).fetched if "//" in one] == []
