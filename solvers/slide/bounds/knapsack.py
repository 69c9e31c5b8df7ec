"""An upper bound for any instance: the LP relaxation of the knapsack over least bandwidths (problems, SLIDE, fact 3).

Sizes are ``floor_hz``, and the band is enlarged beyond the checker's tolerance, so no accepted plan serves more.
"""

from __future__ import annotations

from partload.instances.slide.frequency import least_bandwidths
from partload.instances.slide.instance import Instance
from partload.instances.slide.least_bandwidth import LeastBandwidths
from partload.instances.slide.requirement import BOUND_MARGIN
from partload.instances.weights import weight_grid
from partload.solvers.bound_rounding import safe_bound
from partload.solvers.slide.knapsack import ROUNDING, Knapsack


def upper_bound(instance: Instance) -> float:
    """Upper bound on the weight that any plan serves, valid for every instance.

    Where all weights are multiples of some number (``weight_grid``), the bound is rounded down to one.
    """
    bound = relaxed_knapsack(instance, least_bandwidths(instance)).upper_bound * (1 + ROUNDING)
    grid = weight_grid(instance.arrays.weight.tolist())
    return safe_bound(bound, grid) if grid else bound


def relaxed_knapsack(instance: Instance, needed: LeastBandwidths, gap: float = 0.0) -> Knapsack:
    """A relaxation: a knapsack into which the users of every plan that the checker accepts fit."""
    return Knapsack(instance.arrays.weight, needed.floor_hz, instance.downlink.bandwidth_hz * (1 + BOUND_MARGIN), gap)
