"""The method ``label-setting``: prefixes of plans, bounded by a relaxation, in a process of its own."""

from __future__ import annotations

from partload.instances.partial_loading.instance import Instance
from partload.solvers.partial_loading import tree_search
from partload.solvers.partial_loading.constructive import greedy_rate
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.label_setting.legs import MOST_BITS, most_compositions
from partload.solvers.registry import Limits, Outcome

MOST_COMPOSITIONS = 600_000
"""Pairs of requests served and a next batch, of all models, beyond which the visits alone take minutes."""
NEEDS = f"at most {MOST_BITS} models (visits any: requests), few requests for each"
"""What an instance has to have beyond single features, as listings say it."""


def refusals(instance: Instance, limits: Limits) -> list[str]:
    """What is too large."""
    count, bits = most_compositions(instance, LATEST_END)
    refused = []
    if count > MOST_COMPOSITIONS:
        refused.append(f"more than {MOST_COMPOSITIONS:,} ways to make batches of the requests for each model")
    if bits > MOST_BITS:
        what = "requests with visits any" if instance.visits_rule.may_return else "models"
        refused.append(f"{bits:,} {what}, at most {MOST_BITS}")
    return refused


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve a covered instance to proven optimality, or as far as the limits allow."""
    first = greedy_rate.run(instance, Limits()).plan  # The search has no plan until its first tables are made.
    return tree_search.run_in_child(
        instance, limits, "partload.solvers.partial_loading.label_setting.task:search", first
    )
