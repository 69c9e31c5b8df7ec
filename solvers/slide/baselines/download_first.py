"""Download, then infer: a device begins when all of its model is here (problems, SLIDE, fact 4).

The least rate is then 8 sum s / (deadline - W / f), that of the same model in one piece.
"""

from __future__ import annotations

from functools import partial

from partload.instances.slide.envelope import Envelope
from partload.instances.slide.least import best, one_speed
from partload.solvers.slide.baselines.baseline import Baseline

METHOD = Baseline(partial(best, rule=one_speed, shape=Envelope.of_whole))
run = METHOD.run
