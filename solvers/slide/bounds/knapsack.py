"""An upper bound for any instance: the knapsack over least bandwidths with fractions allowed (problems, SLIDE, fact 3).

Sizes are ``floor_hz``, and the band has all the tolerance of the checker: no plan that it accepts serves more.
"""

from __future__ import annotations

from partload.instances.slide.instance import Instance
from partload.instances.slide.least import ROOM, Least, least_bandwidths
from partload.instances.weights import weight_grid
from partload.solvers.grid import safe_bound
from partload.solvers.slide.knapsack import ROUNDING, Knapsack


def upper_bound(instance: Instance) -> float:
    """Upper bound on the weight that any plan serves, on the safe side; valid whatever the instance has.

    Rounded down to a multiple of what all weights are multiples of, where there is such a number (``weight_grid``).
    """
    bound = loosened(instance, least_bandwidths(instance)).relaxed * (1 + ROUNDING)
    grid = weight_grid(instance.arrays.weight.tolist())
    return safe_bound(bound, grid) if grid else bound


def loosened(instance: Instance, needed: Least, gap: float = 0.0) -> Knapsack:
    """The knapsack into which everybody fits whom some plan that the checker accepts serves."""
    return Knapsack(instance.arrays.weight, needed.floor_hz, instance.downlink.bandwidth_hz * (1 + ROOM), gap)
