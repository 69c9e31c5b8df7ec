"""A deadline that is neither idle nor hopeless: about the time in which a plain plan serves three fifths.

A plain plan visits models one after another, always the one that then serves its requests in the least time per
request, until enough are served. An optimal plan serves more in that time, roughly half to two thirds of all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partload.instances.allocation import least_upload_times
from partload.instances.channels import ChannelArrays
from partload.instances.partial_loading.generators.catalogue import Catalogue
from partload.instances.partial_loading.instance import Server
from partload.instances.partial_loading.residency import RESIDENCIES

PLAIN_SHARE = 0.6
"""Share of the requests that the plain plan serves."""

Floats = NDArray[np.float64]


def typical_deadline(
    catalogue: Catalogue, server: Server, model: NDArray[np.int64], channel: ChannelArrays, input_bits: Floats
) -> float:
    """Deadline [s] for requests with these models, channels and inputs, each of shape (K,)."""
    models = len(catalogue.models)
    count = np.bincount(model, minlength=models)
    upload = least_upload_times(channel, input_bits, model, models, server.bandwidth_hz)
    inference = _inference_times(catalogue, server, count)
    needs, sizes = _block_matrix(catalogue)
    resident = np.zeros(len(sizes), dtype=bool)
    waiting = count > 0
    goal, served, total = PLAIN_SHARE * len(model), 0, 0.0
    while served < goal:
        missing = (needs & ~resident) @ sizes
        load = np.where(missing > 0, server.load_latency_s + missing / server.load_rate_bytes_per_s, 0.0)
        visit = np.maximum(load, upload) + inference
        per_request = np.where(waiting, visit / np.maximum(count, 1), np.inf)
        chosen = int(np.argmin(per_request))
        waiting[chosen] = False
        served += int(count[chosen])
        total += float(visit[chosen])
        keep = RESIDENCIES[server.residency].keeps_others and server.memory_bytes is None
        resident = needs[chosen] | resident if keep else needs[chosen]
    return total * goal / served


def _inference_times(catalogue: Catalogue, server: Server, count: NDArray[np.int64]) -> Floats:
    """Time [s] of each model's batches when it serves all its requests, as many at a time as fit."""
    sizes = {block.id: block.size_bytes for block in catalogue.blocks}
    times = []
    for model, requests in zip(catalogue.models, count.tolist()):
        batch = float(model.max_batch or np.inf)
        if server.memory_bytes is not None:
            free = server.memory_bytes - sum(sizes[block] for block in model.blocks)
            batch = min(batch, max(1.0, free // model.activation_bytes_per_request))
        times.append(np.ceil(requests / batch) * model.batch_setup_s + requests * model.batch_per_request_s)
    return np.array(times)


def _block_matrix(catalogue: Catalogue) -> tuple[NDArray[np.bool_], Floats]:
    """Which model (row) has which block (column), and the size of each block; whole numbers, so sums are exact."""
    column = {block.id: number for number, block in enumerate(catalogue.blocks)}
    needs = np.zeros((len(catalogue.models), len(column)), dtype=bool)
    for row, model in enumerate(catalogue.models):
        needs[row, [column[block] for block in model.blocks]] = True
    return needs, np.array([block.size_bytes for block in catalogue.blocks])
