"""What it costs to serve u requests of a model, all of one weight: the least uploads, in full batches (facts 3, 4).

With load L in the first batch, at most q requests in one, and P(u) the upload time of the u least uploads, u requests
take

    max(L + P(u - q), P(u)) + ceil(u / q) alpha + beta u,

since the q largest uploads are best put where the load hides, and more batches than needed only cost.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.memory import largest_batch
from partload.solvers.partial_loading.dynamic.sharing_clusters import able

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class ByCount:
    """Costs whose unit is a request."""

    requests: NDArray[np.int64]
    """Positions of the K_i requests of the model, the least upload first."""
    batch: int
    """q."""
    upload_s: Floats
    """P(1), .., P(K_i)."""
    others_s: Floats
    """P(u - q) for u = 1, .., K_i."""
    inference_s: Floats
    """ceil(u / q) alpha + beta u."""

    def times(self, load_s: float) -> Floats:
        """Least times [s] for 1, .., K_i requests."""
        with np.errstate(over="ignore"):
            time: Floats = np.maximum(load_s + self.others_s, self.upload_s) + self.inference_s
        return time

    def batches(self, load_s: float, units: int) -> list[list[int]]:
        """The largest uploads in the first batch; whatever the load."""
        chosen, q = self.requests[:units].tolist(), self.batch
        rest = max(units - q, 0)
        return [chosen[rest:], *(chosen[at : min(at + q, rest)] for at in range(0, rest, q))]


def costs(instance: Instance) -> dict[str, ByCount]:
    """Costs of each model that can serve anybody."""
    columns, band = instance.arrays, instance.server.bandwidth_hz
    made = {}
    for name, own in able(instance).items():
        model, size = instance.models[instance.model_index[name]], len(own)
        requests = own[np.argsort(columns.spectrum_load[own], kind="stable")]
        with np.errstate(over="ignore"):
            upload = np.cumsum(columns.spectrum_load[requests]) / band
            q, count = largest_batch(instance, model, size), np.arange(1, size + 1)
            inference = -(-count // q) * model.batch_setup_s + count * model.batch_per_request_s
        others = np.concatenate((np.zeros(q), upload[: size - q]))
        made[name] = ByCount(requests, q, upload, others, inference)
    return made
