"""What a visit of one model may serve, and how long that takes.

An *option* is a set of requests of the model. Of two requests, the one with no less weight and no more upload is
*better*. Exchanging a request for a better one never takes longer and never serves less (problems, fact 3). So the
options of a model are the sets that have, with each request, all better ones: with equal weights the u requests with
the least uploads, for each u.

A visit that loads for L, serves u requests and runs at most q of them in a batch takes (problems, fact 4)

    max(L + P_later, P_all) + ceil(u / q) alpha + beta u,

where P_all uploads all of them and P_later all but the q largest.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from partload.instances.partial_loading.instance import Instance, Model

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Option:
    """One choice of requests of a model."""

    model: Model
    requests: tuple[int, ...]
    """Positions of the u requests in the instance, by increasing upload."""
    upload_s: tuple[float, ...]
    """P(0), .., P(u): time that the first requests take to upload on the whole band [s]."""
    weight: float

    @property
    def most(self) -> int:
        """The largest batch that the model's own limit allows."""
        return min(len(self.requests), self.model.max_batch or len(self.requests))

    def time_s(self, load_s: Floats, q: int) -> Floats:
        """Least time of the visit [s] for each load, shape (R,), with at most q requests in a batch."""
        u = len(self.requests)
        inference = -(-u // q) * self.model.batch_setup_s + u * self.model.batch_per_request_s
        with np.errstate(over="ignore"):
            time: Floats = np.maximum(load_s + self.upload_s[max(u - q, 0)], self.upload_s[u]) + inference
        return time

    def batches(self, q: int) -> list[tuple[int, ...]]:
        """Positions of the requests of each batch, the largest uploads in the first; the same for every load."""
        rest = max(len(self.requests) - q, 0)
        return [self.requests[rest:], *(self.requests[at : min(at + q, rest)] for at in range(0, rest, q))]


def options(instance: Instance, model: Model, positions: NDArray[np.int64]) -> Iterator[Option]:
    """The options of a model with the requests at some positions, without the empty one.

    There are at least as many as requests and, with weights, up to 2 to the power of their number.
    """
    columns = instance.arrays
    upload, weight = columns.spectrum_load / instance.server.bandwidth_hz, columns.weight
    ordered = _ordered(instance, positions)
    for chosen in _closed_sets([float(weight[k]) for k in ordered]):
        requests = tuple(ordered[place] for place in chosen)
        with np.errstate(over="ignore"):
            sums = tuple(itertools.accumulate((float(upload[k]) for k in requests), initial=0.0))
        yield Option(model, requests, sums, math.fsum(float(weight[k]) for k in requests))


def count_options(instance: Instance, positions: NDArray[np.int64], most: int) -> int:
    """How many options there are, and ``most`` + 1 where there are more than ``most``."""
    if len(positions) > most:
        return most + 1
    weights = instance.arrays.weight[_ordered(instance, positions)].tolist()
    return sum(1 for _ in itertools.islice(_closed_sets(weights), most + 1))


def _ordered(instance: Instance, positions: NDArray[np.int64]) -> list[int]:
    """Positions by increasing upload, of equal uploads the greater weight first."""
    columns = instance.arrays
    return sorted(positions.tolist(), key=lambda k: (columns.spectrum_load[k], -columns.weight[k], k))


def _closed_sets(weights: list[float]) -> Iterator[tuple[int, ...]]:
    """Non-empty sets of places that have, with each place, all earlier ones of no less weight."""
    waiting: list[tuple[int, tuple[int, ...], float]] = [(0, (), -math.inf)]
    while waiting:
        place, chosen, left_out = waiting.pop()
        """``left_out`` is the greatest weight of an earlier place that is not in the set."""
        if place == len(weights):
            if chosen:
                yield chosen
            continue
        waiting.append((place + 1, chosen, max(left_out, weights[place])))
        if weights[place] > left_out:
            waiting.append((place + 1, (*chosen, place), left_out))
