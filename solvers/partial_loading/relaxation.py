"""The upper bound of an LP: the formulation of an instance with its integers let go, solved by HiGHS.

Flat channels on a slotted or pipelined uplink take the slot formulation, everything else the allocation cone. Both hold
every feasible plan, with deadlines moved by the room of the exact methods, and whole numbers only shrink what is left.
"""

from __future__ import annotations

import dataclasses
import time

import numpy as np

from formulations.partial_loading import cone, slot
from instances.partial_loading.instance import Instance
from solvers import highs, interrupts
from solvers.engines import Budget
from solvers.exact import ROOM
from solvers.grid import safe_bound, weight_grid
from solvers.matrix import matrix_form
from solvers.partial_loading.bounds import upper_bound


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
    try:
        relaxed = _optimum(instance, time_limit)
    except interrupts.TimeUpError:
        return bound
    return min(bound, safe_bound(relaxed, weight_grid([request.weight for request in instance.requests])))


def _optimum(instance: Instance, time_limit: float | None) -> float:
    """Optimum of the LP as the solver has it; infinite when it was not reached in time."""
    started = time.perf_counter()
    formulation = cone if slot.lacks(instance) else slot
    with interrupts.expiring(time_limit):
        form = matrix_form(formulation.build(instance, room=ROOM))
    if len(form.cost) == 0:  # Nothing is to be decided.
        return form.offset
    relaxed = dataclasses.replace(form, integer=np.zeros(len(form.cost), dtype=bool))
    outcome = highs.maximise(relaxed, Budget(time_limit).less(time.perf_counter() - started))
    return outcome.bound if outcome.finished else np.inf
