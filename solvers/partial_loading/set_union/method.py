"""The method ``set-union``: which blocks are not loaded, by branch and bound in a process of its own."""

from __future__ import annotations

from partload.formulations.partial_loading.set_union import conditions
from partload.instances.partial_loading.instance import Instance
from partload.solvers.partial_loading import tree_search
from partload.solvers.partial_loading.constructive import greedy_rate
from partload.solvers.partial_loading.set_union.items import count
from partload.solvers.registry import Limits, Outcome

MOST_ENTRIES = 400_000
"""Items times elements, about requests times blocks: beyond, HiGHS on the MILP was seen to be faster."""
NEEDS = f"{conditions.NEEDS}; at most {MOST_ENTRIES:,} requests times blocks"
"""What an instance has to have beyond single features, as listings say it."""


def refusals(instance: Instance, limits: Limits) -> list[str]:
    """What makes the order of models matter, or the matrices too large."""
    items, elements = count(instance)
    if items * elements > MOST_ENTRIES:
        size = f"{items:,} items times {elements:,} elements, at most {MOST_ENTRIES:,}"
        return [*conditions.refusals(instance), f"{size} (a MILP: --method milp --formulation set-union)"]
    return conditions.refusals(instance)


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve a covered instance to proven optimality, or as far as the limits allow."""
    first = greedy_rate.run(instance, Limits()).plan
    return tree_search.run_in_child(instance, limits, "partload.solvers.partial_loading.set_union.task:search", first)
