"""Smallest model first: everybody has the smallest model, in bytes, that can be in time at any bandwidth at all.

Not the model of least bandwidth: that may be a larger one with less work, or with its large layers at the end.
"""

from __future__ import annotations

from partload.instances.slide.envelope import Envelope
from partload.instances.slide.instance import Instance
from partload.instances.slide.least import Least, best, one_speed
from partload.solvers.slide.baselines.baseline import Baseline


def smallest_first(instance: Instance) -> Least:
    """What each user needs with the smallest of the models allowed that can serve the user."""
    order = sorted(range(len(instance.models)), key=lambda i: float(instance.layers[i].bits[-1]))
    return best(instance, one_speed, Envelope.of, order=order)


METHOD = Baseline(smallest_first)
run = METHOD.run
