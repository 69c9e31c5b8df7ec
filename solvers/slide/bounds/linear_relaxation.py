"""The LP bound of the formulation ``provisioning``, computed without an engine.

In its LP relaxation each user is served with the model that needs least, so the relaxation of a knapsack is left: the
one that ``upper_bound`` solves.
"""

from __future__ import annotations

from partload.instances.slide.instance import Instance
from partload.solvers.slide.bounds.knapsack import upper_bound


def relaxation_bound(instance: Instance, time_limit: float | None = None) -> float:
    """Upper bound on the weight that any plan serves; it takes the time of ``upper_bound`` and ignores the limit."""
    return upper_bound(instance)
