"""Least times to serve u requests of a model with equal weights (problems, facts 3 and 4).

The u requests with the smallest uploads are served, in full batches. Let L be the load of the first batch, q the most
requests in a batch, P(u) the time to upload the u smallest uploads. Then u requests take

    max(L + P(u - q), P(u)) + ceil(u / q) alpha + beta u,

since the q largest uploads belong into the first batch, where they run while the model loads, and more batches than
needed only add setup times. All u = 1, .., K of a model take O(K log K).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.memory import largest_batch
from partload.solvers.partial_loading.dynamic.sharing_clusters import servable_models

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class CostByCount:
    """Least times of one model whose unit is a request; see ``VisitCosts``."""

    requests: NDArray[np.int64]
    """Positions of the K_i requests of the model, by increasing upload; shape (K_i,)."""
    batch: int
    """q, the most requests in a batch."""
    upload_s: Floats
    """P(1), .., P(K_i), shape (K_i,)."""
    later_upload_s: Floats
    """P(u - q) for u = 1, .., K_i, the uploads behind the first batch; shape (K_i,)."""
    inference_s: Floats
    """ceil(u / q) alpha + beta u, shape (K_i,)."""

    def times(self, load_s: float) -> Floats:
        """Least times [s] for 1, .., K_i requests, shape (K_i,)."""
        with np.errstate(over="ignore"):
            time: Floats = np.maximum(load_s + self.later_upload_s, self.upload_s) + self.inference_s
        return time

    def batches(self, load_s: float, units: int) -> list[list[int]]:
        """The requests of each batch, the largest uploads in the first; the same for every load."""
        chosen, q = self.requests[:units].tolist(), self.batch
        rest = max(units - q, 0)
        return [chosen[rest:], *(chosen[at : min(at + q, rest)] for at in range(0, rest, q))]


def costs_by_model(instance: Instance) -> dict[str, CostByCount]:
    """Least times of each servable model, by its id."""
    columns, band = instance.arrays, instance.server.bandwidth_hz
    costs = {}
    for name, positions in servable_models(instance).items():
        model, size = instance.models[instance.model_index[name]], len(positions)
        requests = positions[np.argsort(columns.spectrum_load[positions], kind="stable")]
        with np.errstate(over="ignore"):
            upload = np.cumsum(columns.spectrum_load[requests]) / band
            q, count = largest_batch(instance, model, size), np.arange(1, size + 1)
            inference = -(-count // q) * model.batch_setup_s + count * model.batch_per_request_s
        later = np.concatenate((np.zeros(q), upload[: size - q]))
        costs[name] = CostByCount(requests, q, upload, later, inference)
    return costs
