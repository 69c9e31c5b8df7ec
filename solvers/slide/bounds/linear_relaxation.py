"""The upper bound of an LP for SLIDE: that of the formulation ``provisioning``, which is solved without an engine.

With its integers let go, who is served is so with the model that needs least, and a knapsack with fractions is left:
the one that ``upper_bound`` solves.
"""

from __future__ import annotations

from partload.instances.slide.instance import Instance
from partload.solvers.slide.bounds.knapsack import upper_bound


def relaxation_bound(instance: Instance, time_limit: float | None = None) -> float:
    """Upper bound on the weight that any plan serves; within the time of ``upper_bound``, whatever the limit."""
    return upper_bound(instance)
