"""``exact``: the first exact method that covers the instance, and what it says of the choice."""

from __future__ import annotations

import pytest

from partload import solvers
from partload.benchmarks.cached import set_union
from partload.instances.errors import InputError
from partload.instances.library import load
from partload.instances.problems import problem_of
from partload.solvers.registry import Limits
from partload.solvers.selection import EXACT, select


def selected(name: str, **limits: object) -> tuple[str, str | None]:
    instance = load(name)
    chosen = select(problem_of(instance), instance, EXACT, Limits(**limits))
    return chosen.method.name, chosen.reason


def test_the_first_that_covers_the_instance_is_selected_and_says_what_rules_out_the_others():
    assert selected("three-models") == ("dynamic", "dynamic: a dynamic programme over the number of requests served")
    name, reason = selected("tool-switching")
    assert name == "tool-switching"
    assert reason.endswith("(not dynamic, weighted-dynamic, sequence, label-setting: residency 'cached')")
    name, reason = selected("slide-weights")
    assert (name, "(not admission: weights 'different')" in reason) == ("knapsack-dynamic", True)


def test_what_is_asked_for_counts():
    name, reason = selected("three-models", solver="scip")
    assert name == "milp"
    assert "solver 'scip'" in reason
    assert selected("three-models", formulation="joint")[0] == "minlp"


def test_exact_by_name_is_the_default():
    by_name, default = (solvers.solve(load("three-models"), method) for method in (EXACT, None))
    assert by_name.method == default.method == "dynamic"
    assert by_name.provenance["selected"] == default.provenance["selected"]
    assert "selected" not in solvers.solve(load("three-models"), "dynamic").provenance


def test_a_name_that_is_not_there_and_a_method_that_does_not_cover_are_refused():
    instance = load("tool-switching")
    with pytest.raises(InputError, match=r"method: expected one of exact, dynamic, .* got 'exactly'"):
        solvers.solve(instance, "exactly")
    with pytest.raises(InputError, match="got 'admission', a method of slide"):
        solvers.solve(instance, "admission")
    with pytest.raises(InputError, match="method 'sequence' does not cover residency 'cached'"):
        solvers.solve(instance, "sequence")
    with pytest.raises(InputError, match="method 'minlp' does not cover formulation 'slot'"):
        solvers.solve(instance, "minlp", formulation="slot")


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_the_milp_takes_the_set_union_where_it_covers_the_instance(solver):
    instance = set_union(1, 0.3, 0.6, models=6, blocks=8)
    assert solvers.solve(instance, "milp", solver=solver).formulation == "set-union"
    assert solvers.solve(instance, "milp", solver=solver, formulation="slot").formulation == "slot"
    assert solvers.solve(load("three-models"), "milp", solver=solver).formulation == "slot"
