"""Greedy by rate: next is the visit with the most weight gained per second added.

The rate of every model is estimated from sums over those who wait for it, and the slots that the first few could have
are computed and compared.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partload.solvers.partial_loading.constructive.greedy import Rule, most_per_second
from partload.solvers.partial_loading.constructive.partial_plan import Growing

SHORTLIST = 8


def rank(growing: Growing, loads_s: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Estimated weight per second, the most first: of the requests that wait, the part that is in time is served."""
    behind: float | NDArray[np.float64] = 0.0
    upload = np.zeros(len(loads_s))
    if not growing.discipline.one_band:
        behind = growing.discipline.upload_start_s(growing.end_s, growing.uplink_end_s, 0.0) - growing.end_s
        upload = growing.upload_s
    if growing.arrival_s is not None:
        behind = np.maximum(behind, growing.arrival_s - growing.end_s)
    inference = growing.per_request_s * growing.count
    slack = np.maximum(growing.deadline_s - growing.end_s - growing.setup_s, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.fmin((slack - loads_s) / inference, (slack - behind) / (upload + inference))
        part = np.clip(np.nan_to_num(np.fmin(part, growing.most / growing.count), nan=1.0), 0.0, 1.0)
    seconds = np.maximum(loads_s, behind + part * upload) + growing.setup_s + part * inference
    rate: NDArray[np.float64] = part * growing.weight / np.maximum(seconds, 1e-12)
    return -rate


METHOD = Rule(rank, shortlist=SHORTLIST, worth=most_per_second)
run = METHOD.run
