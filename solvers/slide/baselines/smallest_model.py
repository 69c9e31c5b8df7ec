"""Smallest model: each user gets the model with the fewest bytes that is in time at some bandwidth.

A larger model with less work, or with its large layers at the end, may need less bandwidth.
"""

from __future__ import annotations

from partload.instances.slide.instance import Instance
from partload.instances.slide.least_bandwidth import LeastBandwidths, choose_models
from partload.instances.slide.rate_envelope import RateEnvelope
from partload.instances.slide.requirement import one_speed_requirement
from partload.solvers.slide.baselines.baseline import Baseline


def smallest_first(instance: Instance) -> LeastBandwidths:
    """What each user needs with the smallest of the models allowed that can serve the user."""
    order = sorted(range(len(instance.models)), key=lambda i: float(instance.layers[i].bits[-1]))
    return choose_models(instance, one_speed_requirement, RateEnvelope.of, order=order)


METHOD = Baseline(smallest_first)
run = METHOD.run
