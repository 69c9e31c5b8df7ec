"""Greedy by rate: next is the visit with the most weight gained per second added.

The rate of every model is estimated from sums over those who wait for it, and the slots that the first few could have
are computed and compared.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partload.solvers.partial_loading.constructive.greedy import Rule, most_per_second
from partload.solvers.partial_loading.constructive.partial_plan import PartialPlan

SHORTLIST = 8


def rank(partial: PartialPlan, loads_s: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Estimated weight per second, the most first: of the requests that wait, the part that is in time is served."""
    behind: float | NDArray[np.float64] = 0.0
    upload = np.zeros(len(loads_s))
    if not partial.discipline.one_band:
        behind = partial.discipline.upload_start_s(partial.end_s, partial.uplink_end_s, 0.0) - partial.end_s
        upload = partial.upload_s
    if partial.arrival_s is not None:
        behind = np.maximum(behind, partial.arrival_s - partial.end_s)
    inference = partial.per_request_s * partial.count
    slack = np.maximum(partial.deadline_s - partial.end_s - partial.setup_s, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.fmin((slack - loads_s) / inference, (slack - behind) / (upload + inference))
        part = np.clip(np.nan_to_num(np.fmin(part, partial.most / partial.count), nan=1.0), 0.0, 1.0)
    seconds = np.maximum(loads_s, behind + part * upload) + partial.setup_s + part * inference
    rate: NDArray[np.float64] = part * partial.weight / np.maximum(seconds, 1e-12)
    return -rate


METHOD = Rule(rank, shortlist=SHORTLIST, worth=most_per_second)
run = METHOD.run
