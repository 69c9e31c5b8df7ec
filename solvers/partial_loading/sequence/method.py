"""The method ``sequence``: branch and cut over the order of models, in a process of its own."""

from __future__ import annotations

from partload.instances.partial_loading.instance import Instance
from partload.solvers.partial_loading import tree_search
from partload.solvers.partial_loading.sequence.network import is_weighted, most_legs, units, work
from partload.solvers.registry import Limits, Outcome

MOST_LEGS = 50_000_000
"""Pairs of an arc and a number of requests, beyond which memory for a list of them may be lacking."""
MOST_WORK = 3e9
"""Numbers to compute, beyond which weights take minutes alone."""
NEEDS = f"at most {MOST_LEGS:,} legs; weights on a grid"
"""What an instance has to have beyond single features, as listings say it."""


def refusals(instance: Instance, limits: Limits) -> list[str]:
    """What is too large."""
    return too_large(instance, MOST_WORK)


def too_large(instance: Instance, most_work: float) -> list[str]:
    """What is too large where so many numbers may be computed for weights."""
    legs = most_legs(instance)
    if legs > MOST_LEGS:
        return [f"{legs:,} legs (model after model, number of requests), expected at most {MOST_LEGS:,}"]
    if is_weighted(instance) and (not units(instance)[0] or work(instance) > most_work):
        return ["weights as fine as these"]
    return []


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve a covered instance to proven optimality, or as far as the limits allow."""
    return tree_search.run_in_child(instance, limits, "partload.solvers.partial_loading.sequence.task:search")
