"""The LP laboratory: switches only tighten, LP values are bounds, and all tightenings give the formulation's own LP."""

from __future__ import annotations

import json
from random import Random

import pyomo.environ as pyo
import pytest

import partload
from partload.formulations import FORMULATIONS, by_name
from partload.formulations.explain.words import in_words
from partload.instances.errors import InputError
from partload.instances.problems import problem_of
from partload.solvers.engines import highs
from partload.solvers.engines.matrix import matrix_form
from partload.solvers.exact.task import SLACK
from partload.solvers.relaxation import Relaxation, formulations, switches
from partload.solvers.relaxation.cuts import SEPARATIONS
from partload.solvers.relaxation.solving import measure
from tests.support import brute_force, brute_force_slide
from tests.support.model_orders import tiny_general
from tests.support.random_instances import random_instance
from tests.support.random_slide import random_slide
from tests.support.samples import sample

CLOSE = 1e-6
"""Relative, of what an engine computes."""


def relaxed(instance, formulation, on) -> Relaxation:
    found: list[Relaxation] = []
    measure(found.append, instance, formulation, on, False, None)
    return found[-1]


def close(value: float) -> float:
    return CLOSE * max(1.0, value)


@pytest.mark.parametrize(
    ("formulation", "name"),
    [
        ("slot", "three-models"),
        ("sequence", "three-models"),
        ("cone", "static-band"),
        ("provisioning", "slide-weights"),
    ],
)
def test_all_tightenings_are_the_relaxation_of_the_formulation(formulation, name):
    instance = partload.read(name)
    found = partload.relax(instance, formulation)
    form = matrix_form(by_name(FORMULATIONS, formulation).load().build(instance, slack=SLACK).model)
    assert found.lp_value == pytest.approx(highs.maximise(form.without_integrality()).bound, rel=1e-9)
    assert (found.rows, found.columns, found.nonzeros) == (len(form.row_lower), len(form.cost), len(form.value))
    brute = brute_force_slide if formulation == "provisioning" else brute_force
    assert found.optimum == brute.optimum(instance)[0] <= found.lp_bound


def wrong(instance, draw):
    """What is wrong with random sets of switches, to each of which one more is added."""
    slide = problem_of(instance).name == "slide"
    best = brute_force_slide.optimum(instance)[0] if slide else brute_force.bracket(instance).lower
    for formulation in formulations(instance):
        table = switches(formulation)
        on = [switch.name for switch in table if draw.random() < 0.5]
        before = relaxed(instance, formulation, on)
        if min(before.lp_value, before.lp_bound) < best - close(best):
            yield f"{formulation} with {on}: {before.lp_value}, the optimum is {best}"
        rest = [switch for switch in table if switch.name not in on and switch.kind != "reformulation"]
        if rest:
            more = draw.choice(rest).name
            after = relaxed(instance, formulation, [*on, more])
            if after.lp_value > before.lp_value + close(best):
                yield f"{formulation} with {on}: {more} raises {before.lp_value} to {after.lp_value}"
            if min(after.lp_value, after.lp_bound) < best - close(best):
                yield f"{formulation} with {on} and {more}: {after.lp_value}, the optimum is {best}"


@pytest.mark.parametrize("first", sample(range(0, 300, 2), 1))
@pytest.mark.parametrize("make", [random_instance, tiny_general, random_slide])
def test_switches_only_tighten_and_no_value_is_below_the_optimum(make, first):
    seeds = range(first, first + 2)
    assert [fault for seed in seeds for fault in wrong(make(seed), Random(f"switches {seed}"))] == []


def test_a_reformulation_may_have_the_weaker_lp():
    instance = tiny_general(10)
    apart, merged = (relaxed(instance, "slot", ["order", "visit-time", *more]).lp_value for more in ([], ["merge"]))
    assert apart < merged - 0.1
    assert [switch.name for switch in switches("slot") if switch.kind == "reformulation"] == ["merge"]


def test_subtour_cuts_are_as_strong_as_a_flow_for_each_model():
    """17.26 is what the model with a flow of its own for each visited model has, says its formulation."""
    on = [switch.name for switch in switches("sequence")]
    found, before = (relaxed(partload.read("general-9x30"), "sequence", names) for names in (on, on[:-1]))
    assert (round(before.lp_value, 2), round(found.lp_value, 2)) == (17.74, 17.26)
    assert (before.cuts, before.rounds) == (0, 1)
    assert found.rows == before.rows + found.cuts


def test_every_cut_of_a_formulation_has_a_separation():
    assert set(SEPARATIONS) == {(one.name, cut) for one in FORMULATIONS for cut in one.cuts}


def test_the_fractional_variables_are_said_in_words():
    found = partload.relax("three-models", on=(), search=True)
    assert found.lp_value == pytest.approx(4.2105, abs=1e-4)
    said = {one.name: one.meaning for one in found.fractional}
    assert said["run[1,A]"] == "slot 1 runs model A"
    assert all(0 < one.value < 1 for one in found.fractional)
    assert found.search.proved
    assert found.search.objective == found.search.bound == found.optimum == 4
    assert "with no tightening\nLP value 4.2105, bound 4, optimum 4\n" in str(found)
    page = found.as_dict()
    assert json.loads(json.dumps(page)) == page
    assert page["switches"][0] == {
        "name": "slots",
        "kind": "tightening",
        "meaning": "bound on the number of slots and on the end of each; without it one slot per request",
        "on": False,
    }


@pytest.mark.parametrize("name", ["three-models", "general-small-cached", "slide-weights"])
def test_words_have_every_index_of_a_variable(name):
    instance = partload.read(name)
    for formulation in formulations(instance):
        module = by_name(FORMULATIONS, formulation).load()
        for family in module.build(instance).model.component_objects(pyo.Var):
            member = next((one for one in family.values() if one.is_integer()), None)
            if member is not None:
                index = member.index() if isinstance(member.index(), tuple) else (member.index(),)
                assert set(map(str, index)) <= set(in_words(member, module.SYMBOLS).split()), member.name


def test_where_nothing_is_to_be_decided_there_is_nothing_to_solve():
    found = partload.relax(partload.read("three-models").replace(requests=()), search=True)
    assert (found.columns, found.lp_value, found.lp_bound, found.optimum) == (0, 0, 0, 0)
    assert found.search.proved


def test_what_a_user_knapsack_leaves_over_is_fractional():
    found = partload.relax("slide-weights")
    assert found.formulation == "provisioning"
    assert [str(one.meaning) for one in found.fractional] == ["user c is served with model c"]


@pytest.mark.parametrize(
    ("name", "formulation", "on", "message"),
    [
        ("three-models", "slot", ["cuts"], "on: expected one of slots, order, .*got 'cuts'"),
        ("three-models", "slot", "order", "on: expected a list of names, got a value of type str"),
        ("slide-weights", None, ["order"], "on: formulation 'provisioning' has no tightening and no cut"),
        ("three-models", "joint", None, "formulation: .*not linear"),
        ("three-models", "tangents", None, "formulation: expected one of "),
        ("general-small-static", "slot", None, "'slot' does not cover uplink 'static'"),
        ("slide-weights", "slot", None, "formulation 'slot' is one of partial-loading"),
    ],
)
def test_what_cannot_be_relaxed_is_refused(name, formulation, on, message):
    with pytest.raises(InputError, match="(?s)" + message) as refused:
        partload.relax(name, formulation, on)
    assert "\n" not in str(refused.value)


def test_an_lp_that_is_not_solved_in_time_is_refused():
    with pytest.raises(InputError, match=r"the LP of formulation 'slot' was not solved: .*; a longer time_limit"):
        partload.relax("general-60x1000", "slot", time_limit=0.001)
