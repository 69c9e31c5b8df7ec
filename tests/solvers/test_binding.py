"""What binds at a plan, found in a process of its own; what cannot be completed is refused by name."""

from __future__ import annotations

import pyomo.environ as pyo
import pytest

import partload
from partload.formulations import FORMULATIONS, by_name
from partload.instances.errors import InputError
from partload.solvers.binding import binding
from partload.solvers.completion import complete


def test_it_binds_where_the_plan_ends_at_the_deadline():
    instance = partload.read("three-models")
    found = binding(instance, by_name(FORMULATIONS, "sequence"), partload.solve(instance).plan())
    assert found["in_time"].kind == "binds"
    assert found["entered"].kind == "equation"


@pytest.mark.parametrize(
    ("formulation", "problem"),
    [
        ("joint", r"joint: is not linear, and a plan leaves \d+ of its variables open"),
        ("sequence", "has no variable for"),
    ],
)
def test_what_has_no_point_is_refused(formulation: str, problem: str):
    instance = partload.read("three-models")
    plan = partload.solve(instance).plan()
    slow = instance if formulation == "joint" else instance.replace(bandwidth_hz=1e-6)
    with pytest.raises(InputError, match=problem):
        binding(slow, by_name(FORMULATIONS, formulation), plan)


def test_too_little_time_is_said():
    instance = partload.read("three-models")
    with pytest.raises(InputError, match="slot: plan: was not completed to a point"):
        binding(instance, by_name(FORMULATIONS, "slot"), partload.solve(instance).plan(), time_limit=1e-6)


def small(limit: float) -> pyo.ConcreteModel:
    """Two steps, of 2 and of at least 3, that end one after another by a limit; the first one is decided."""
    m = pyo.ConcreteModel()
    m.run = pyo.Var(domain=pyo.Binary)
    m.end = pyo.Var([1, 2], domain=pyo.NonNegativeReals)
    m.value = pyo.Objective(expr=m.run, sense=pyo.maximize)
    m.first = pyo.Constraint(expr=m.end[1] >= 2 * m.run)
    m.second = pyo.Constraint(expr=m.end[2] >= m.end[1] + 3)
    m.limit = pyo.Constraint(expr=m.end[2] <= limit)
    m.run.fix(1)
    return m


@pytest.mark.parametrize("limit", [100.0, 5.0, 4.0, 1.0])
def test_times_are_the_least_and_only_the_limit_is_missed(limit: float):
    m = small(limit)
    complete(m)
    assert [m.end[n].value for n in (1, 2)] == pytest.approx([2, 5])
    assert (m.run.value, m.run.fixed, m.end[1].fixed) == (1, True, False)
