"""The LP relaxation of one formulation of one instance, solved in this process; for ``processes.call``."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Collection

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from partload.formulations import FORMULATIONS, by_name
from partload.formulations.explain.words import in_words
from partload.formulations.registry import BuiltModel, Formulation
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance
from partload.solvers.bound_rounding import engine_bound
from partload.solvers.engines import highs
from partload.solvers.engines.engine import Budget
from partload.solvers.engines.matrix import MatrixForm, matrix_form
from partload.solvers.exact.task import SLACK
from partload.solvers.registry import LEAST_S
from partload.solvers.relaxation.cuts import SEPARATIONS
from partload.solvers.relaxation.record import Fractional, Relaxation, Search, Switch

MOST_ROUNDS = 50
"""Of cuts."""
WHOLE = 1e-6
"""Distance from a whole number up to which a value is whole."""


def switches(formulation: Formulation, on: Collection[str]) -> tuple[Switch, ...]:
    """The tightenings and cuts of a formulation, those of ``on`` on."""
    other = formulation.reformulations
    built = (
        Switch(name, "reformulation" if name in other else "tightening", text, name in on)
        for name, text in formulation.tightenings.items()
    )
    return (*built, *(Switch(name, "cut", text, name in on) for name, text in formulation.cuts.items()))


def measure(
    send: Callable[[Relaxation], object],
    instance: AnyInstance,
    name: str,
    on: Collection[str],
    search: bool,
    time_limit: float | None,
) -> None:
    """Build the model and solve its LP, then the model itself if ``search`` says so; send what is known after each.

    The model is built with slack, so that it has every plan that the checker accepts and its LP value is a bound.
    """
    until = math.inf if time_limit is None else time.perf_counter() + time_limit
    formulation = by_name(FORMULATIONS, name)
    since = time.perf_counter()
    built = formulation.build(instance, SLACK, on)
    build_s = time.perf_counter() - since
    separations = [SEPARATIONS[name, cut] for cut in formulation.cuts if cut in on]
    cuts, rounds, solve_s = 0, 0, 0.0
    while True:
        form = matrix_form(built.model)
        since = time.perf_counter()
        value, point = _lp(form)
        solve_s += time.perf_counter() - since
        rounds += 1
        form.without_integrality().assign(point)
        added = sum(separate(built) for separate in separations) if rounds <= MOST_ROUNDS else 0
        cuts += added
        if not added:
            break
    found = Relaxation(
        instance=instance.name,
        formulation=name,
        switches=switches(formulation, on),
        rows=len(form.row_lower),
        columns=len(form.cost),
        nonzeros=len(form.value),
        lp_value=value * built.weight_unit.size,
        lp_bound=engine_bound(value, built.weight_unit) if len(form.cost) else value * built.weight_unit.size,
        cuts=cuts,
        rounds=rounds,
        build_s=build_s,
        solve_s=solve_s,
        fractional=_fractional(form, point, formulation.load().SYMBOLS),
    )
    send(found)
    if search:
        left = None if math.isinf(until) else max(until - time.perf_counter(), LEAST_S)
        send(dataclasses.replace(found, search=_search(instance, built, form, left)))


def _lp(form: MatrixForm) -> tuple[float, NDArray[np.float64]]:
    """Optimum and optimal point, shape (C,), without integrality."""
    if not len(form.cost):
        return form.offset, np.zeros(0)
    outcome = highs.maximise(form.without_integrality())
    assert outcome.values is not None, "an LP with a plan that serves nobody has a point"
    return outcome.bound, outcome.values


def _fractional(form: MatrixForm, point: NDArray[np.float64], symbols: dict[str, str]) -> tuple[Fractional, ...]:
    broken = form.integer & (np.abs(point - np.round(point)) > WHOLE)
    return tuple(
        Fractional(_name(form.variables[column]), float(point[column]), in_words(form.variables[column], symbols))
        for column in np.flatnonzero(broken).tolist()
    )


def _name(variable: pyo.Var) -> str:
    """The name of a variable, without quotes around what is text in its index."""
    return str(variable.name).replace("'", "")


def _search(instance: AnyInstance, built: BuiltModel, form: MatrixForm, time_limit: float | None) -> Search:
    """The search of the model with its cuts; its plan counts if the checker accepts it."""
    since = time.perf_counter()
    if not len(form.cost):
        return Search(form.offset * built.weight_unit.size, form.offset * built.weight_unit.size, 0, 0.0, True)
    outcome = highs.maximise(form, Budget(time_limit=time_limit, absolute_gap=0.99 if built.weight_unit.whole else 0.0))
    solve_s = time.perf_counter() - since
    objective, problem = None, problem_of(instance)
    if outcome.values is not None:
        form.assign(outcome.values)
        plan = built.extract()
        if problem.check_plan(instance, plan).feasible:
            objective = problem.objective(instance, plan)
    bound = engine_bound(outcome.bound, built.weight_unit)
    return Search(objective, bound if math.isfinite(bound) else None, outcome.nodes, solve_s, outcome.finished)
