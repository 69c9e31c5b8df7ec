"""What the LP relaxation of each linear formulation is worth is pinned, and so is the order between them.

A formulation with fewer inequalities has no smaller LP value, a relaxation none below that of the formulation it
relaxes, and none is below the optimum.
"""

from __future__ import annotations

import pytest

from partload.formulations import FORMULATIONS, by_name
from partload.formulations.partial_loading.slot import formulation as slot
from partload.formulations.registry import BuiltModel
from partload.instances.library import load
from partload.solvers.engines import highs
from partload.solvers.engines.matrix import matrix_form
from tests.support import brute_force, brute_force_slide

CLOSE = 1e-6
PINNED = {
    ("slot", "three-models"): 4.0,
    ("slot", "backbone-small"): 4.777778,
    ("slot", "general-small-pipelined"): 23.0,
    ("cone", "backbone-small"): 4.777778,
    ("cone", "general-small-static"): 5.656058,
    ("cone", "general-small-power"): 4.848799,
    ("provisioning", "slide-weights"): 11.0,
    ("provisioning", "slide-energy"): 1.2,
}
"""LP values, as weights."""


def relaxation(built: BuiltModel) -> float:
    """Value of the LP relaxation, as a weight."""
    form = matrix_form(built.model)
    form.integer[:] = False
    outcome = highs.maximise(form)
    assert outcome.finished
    return outcome.bound * built.weight_unit.size


def of(formulation: str, name: str) -> float:
    return relaxation(by_name(FORMULATIONS, formulation).load().build(load(name)))


@pytest.mark.parametrize(("formulation", "name"), PINNED)
def test_the_value_is_what_it_was_and_a_bound(formulation, name):
    instance = load(name)
    best, _ = brute_force_slide.optimum(instance) if formulation == "provisioning" else brute_force.optimum(instance)
    value = of(formulation, name)
    assert value == pytest.approx(PINNED[formulation, name], abs=1e-5)
    assert value >= best - CLOSE


@pytest.mark.parametrize("name", ["three-models", "backbone-small", "general-small-pipelined", "general-small-cached"])
def test_a_relaxed_formulation_is_worth_no_less(name):
    """Tangents relax the closed form of uploads, and valid inequalities that are left out relax a formulation."""
    instance = load(name)
    for looser in (of("cone", name), relaxation(slot.build(instance, tightenings=()))):
        assert of("slot", name) <= looser + CLOSE


def test_valid_inequalities_are_worth_something():
    looser = relaxation(slot.build(load("backbone-small"), tightenings=()))
    assert looser == pytest.approx(7.333333, abs=1e-5)
