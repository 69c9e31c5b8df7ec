"""The upper bound of an LP: a formulation of the instance without its integrality, solved by HiGHS.

It is that of the slot formulation where this covers the instance, else of the allocation cone. Both hold every feasible
plan, with deadlines moved as in the exact methods, and without integrality there are only more solutions.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from partload.formulations import FORMULATIONS, by_name
from partload.formulations.registry import Formulation
from partload.instances.errors import InputError
from partload.instances.partial_loading.instance import Instance
from partload.instances.weights import WeightUnit
from partload.solvers import highs, processes
from partload.solvers.grid import engine_bound
from partload.solvers.matrix import matrix_form
from partload.solvers.partial_loading.bounds.knapsack import upper_bound
from partload.solvers.search_task import ROOM


def relaxation_bound(instance: Instance, time_limit: float | None = None) -> float:
    """Upper bound on the weight that any plan serves: the LP's, or ``upper_bound`` where that is less.

    An LP that is not solved within ``time_limit`` seconds, building included, proves nothing: ``upper_bound`` is left.
    The optimum of the LP is moved to the safe side by far more than the solver's tolerance, like every solver's bound.

    Raises
    ------
    InputError
        When the model would be too large to build.
    """
    bound = upper_bound(instance)
    result = processes.call(lp_bound, instance, time_limit=time_limit)
    if result.failure is not None and result.failure.error is not None:
        raise result.failure.error
    return min(bound, result.value) if result.ended == "returned" else bound


def lp_bound(send: Callable[[object], object], instance: Instance) -> float:
    """The bound of the LP alone, in this process; for ``processes.call``."""
    formulation, held = _formulated(instance)
    model = formulation.load().build(held, room=ROOM)
    form = matrix_form(model)
    unit: WeightUnit = model.data.weight_unit
    relaxed = dataclasses.replace(form, integer=np.zeros(len(form.cost), dtype=bool))
    # Without variables nothing is to be decided.
    optimum = highs.maximise(relaxed).bound if len(form.cost) else form.offset
    return engine_bound(optimum, unit)


def _formulated(instance: Instance) -> tuple[Formulation, Instance]:
    """A formulation, and the instance that it is built for.

    Where none covers arrivals, all requests arrive at time 0: a plan's times are never later then, so every plan that
    is feasible stays so.
    """
    at_once = (dataclasses.replace(request, arrival_s=0.0) for request in instance.requests)
    for held in (instance, instance.replace(requests=tuple(at_once))):
        for name in ("slot", "cone"):
            formulation = by_name(FORMULATIONS, name)
            if not formulation.unsupported(held):
                return formulation, held
    raise InputError("no formulation covers it", source=instance.name)
