"""Download, then infer: a device begins when all of its model has arrived (problems, SLIDE, fact 4).

The least rate is then 8 sum s / (deadline - W / f), that of the same model as a single layer.
"""

from __future__ import annotations

from functools import partial

from partload.instances.slide.least_bandwidth import choose_models
from partload.instances.slide.rate_envelope import RateEnvelope
from partload.instances.slide.requirement import one_speed_requirement
from partload.solvers.slide.baselines.baseline import Baseline

METHOD = Baseline(partial(choose_models, requirement=one_speed_requirement, profile=RateEnvelope.of_single_layer))
run = METHOD.run
