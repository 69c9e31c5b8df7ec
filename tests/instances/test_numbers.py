"""Numbers in messages: short, and none is mistaken for another."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import partload.instances.slide.checker as slide_checker
from partload.instances import library
from partload.instances.numbers import exact
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.plan import Slot
from partload.instances.slide.plan import Served


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.9, "0.9"), (20e6, "20000000"), (0, "0"), (1e30, "1e+30"), (-1.5, "-1.5"), (1 / 3, "0.3333333333333333")],
)
def test_they_are_short(value: float, text: str):
    assert exact(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_they_read_back_the_same_and_differ_from_their_neighbours(value: float):
    assert float(exact(value)) == value
    assert exact(math.nextafter(value, math.inf)) != exact(value)


def test_checkers_state_what_they_compare():
    instance = library.load("three-models")
    request = instance.requests[0]
    late = dataclasses.replace(request, deadline_s=0.9)
    found = check_plan(instance.replace(requests=(late, *instance.requests[1:])), [Slot(late.model, (late.id,))])
    assert any(f"request {late.id!r} is due at 0.9 s" in str(violation) for violation in found.violations)

    slide = library.load("slide-overlap")
    band = math.nextafter(slide.downlink.bandwidth_hz * (1 + 1e-8), math.inf)
    user = slide.users[0]
    plan = [Served(user.id, user.models[0], band, user.max_flop_per_s)]
    (over,) = [one for one in slide_checker.check_plan(slide, plan).violations if one.rule == "bandwidth"]
    assert over.problem == f"{band!r} Hz in use of {slide.downlink.bandwidth_hz:.0f}"
