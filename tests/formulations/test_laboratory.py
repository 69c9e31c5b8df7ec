"""Each exact formulation has the brute force's optimum, and its LP values are ordered as claimed."""

from __future__ import annotations

import math

import pytest

from partload.formulations import FORMULATIONS
from partload.formulations.partial_loading.slot import formulation as slot
from partload.formulations.partial_loading.slot.valid_inequalities import TIGHTENINGS
from partload.instances.problems import problem_of
from partload.solvers.bound_rounding import engine_bound
from partload.solvers.engines import highs
from partload.solvers.engines.engine import Budget
from partload.solvers.engines.matrix import matrix_form
from tests.support.brute_force import bracket
from tests.support.random_instances import random_instance
from tests.support.samples import sample

CLOSE = 1e-6
"""Relative, of what an engine computes."""
ENGINE_CLOSE = 1e-5
"""Of the bound on weights without a grid, to which ``engine_bound`` adds a little less."""
SLACK = 1e-6
"""Of limits: the formulation has every feasible plan."""
MANY = [range(first, first + 100) for first in range(0, 1000, 100)]


def lp_value(built):
    """Value without integrality, as a weight."""
    form = matrix_form(built.model)
    if not len(form.cost):
        return form.offset * built.weight_unit.size
    form.integer[:] = False
    outcome = highs.maximise(form)
    assert outcome.finished
    return outcome.bound * built.weight_unit.size


def mip_bound(built):
    """Bound of a search to the end, as a weight."""
    return engine_bound(highs.solve(built.model, Budget(absolute_gap=0.0)).bound, built.weight_unit)


def wrong(seed):
    """What is wrong on the instance of a seed."""
    instance = random_instance(seed)
    found = bracket(instance)
    lowest, tolerance = found.lower, CLOSE * max(1.0, found.upper)
    problem = problem_of(instance).name
    for formulation in FORMULATIONS:
        if formulation.problem != problem or not formulation.linear or formulation.unsupported(instance):
            continue
        if (value := lp_value(formulation.load().build(instance, slack=SLACK))) < lowest - tolerance:
            yield f"{seed}: LP value of {formulation.name} is {value}, the optimum {lowest}"
        if formulation.kind != "exact":
            continue
        best = mip_bound(formulation.load().build(instance, slack=SLACK))
        if not math.isclose(best, lowest, rel_tol=ENGINE_CLOSE, abs_tol=ENGINE_CLOSE):
            yield f"{seed}: {formulation.name} has {best}, the optimum is {found}"
    if not slot_covers(instance):
        return
    chosen, before = (), lp_value(slot.build(instance, slack=SLACK, tightenings=()))
    for name in TIGHTENINGS:
        chosen = (*chosen, name)
        value = lp_value(slot.build(instance, slack=SLACK, tightenings=chosen))
        if value > before + tolerance:
            yield f"{seed}: adding {name} raises the LP value from {before} to {value}"
        before = value


def slot_covers(instance):
    return not next(one for one in FORMULATIONS if one.name == "slot").unsupported(instance)


@pytest.mark.parametrize("seed", sample(range(40), 12))
def test_optima_agree_and_lp_values_are_ordered(seed):
    assert list(wrong(seed)) == []


@pytest.mark.long
@pytest.mark.parametrize("seeds", MANY, ids=str)
def test_optima_agree_and_lp_values_are_ordered_by_the_thousand(seeds):
    assert [problem for seed in seeds for problem in wrong(seed)] == []
