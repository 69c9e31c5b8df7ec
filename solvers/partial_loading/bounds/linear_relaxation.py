"""The upper bound of an LP: a formulation of the instance without its integrality, solved by HiGHS.

It is that of the slot formulation where this covers the instance, else of the allocation cone. Both hold every feasible
plan, with deadlines moved as in the exact methods, and without integrality there are only more solutions.
"""

from __future__ import annotations

from collections.abc import Callable

from partload.formulations import FORMULATIONS, by_name
from partload.instances.partial_loading.instance import Instance
from partload.solvers import processes
from partload.solvers.bound_rounding import engine_bound
from partload.solvers.engines import highs
from partload.solvers.engines.matrix import matrix_form
from partload.solvers.exact.task import SLACK
from partload.solvers.partial_loading.bounds.knapsack import upper_bound


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
    slot, cone = (by_name(FORMULATIONS, name) for name in ("slot", "cone"))
    formulation = cone if slot.unsupported(instance) else slot
    built = formulation.load().build(instance, slack=SLACK)
    relaxed = matrix_form(built.model).without_integrality()
    # Without variables nothing is to be decided.
    optimum = highs.maximise(relaxed).bound if len(relaxed.cost) else relaxed.offset
    return engine_bound(optimum, built.weight_unit)
