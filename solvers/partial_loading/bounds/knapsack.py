"""Upper bounds on the weight that any plan serves, from knapsacks: within seconds for a hundred thousand requests.

Fix a deadline d. Let S be the requests due by d that a plan serves. All slots that serve S end by d, so two resources
are limited, and each request of S has a share in each, whoever else is served:

*The GPU.* Slots follow one another: their loads and inference take at most d. Of a model with v requests in S,
- inference takes beta v, and alpha for each of at least v / q batches, q the most requests of one batch. As v is at
  most c, a bound on the requests of this model in S, and there is at least one batch: at least alpha v / min(q, c);
- each model with a request in S is entered at least once, and entering takes at least ``SlotData.entry`` (0 where
  residency is ``cached``): at least v / c of that;
- or, counted otherwise: each block of these models that is not resident at time 0 is loaded at least once. A block that
  c' requests of S can need takes its size / V, at least a part 1 / c' of it for each of them; and each model that is
  never found complete on entering pays the latency t0.

*The uplink.* The slot of k is ready by d_k - alpha - beta at the latest, and the upload of k begins at its arrival r_k
or later, so it takes at most the window l_k = d_k - alpha - beta - r_k. Let b_k be the bandwidth of the rate D_k / l_k.
An upload in a time t <= l_k needs at least b_k l_k / t, since the bandwidth of a rate is convex in the rate and 0 at 0.
So a slot with upload time t has sum b_k l_k / t <= B: with u_k = b_k l_k / B, which is a_k / B on a flat channel, its
upload takes at least the sum of its u_k. Waiting for arrivals only adds to all of this.
- ``slotted``: a slot takes at least its upload and its inference, so sum u_k + inference <= d.
- ``pipelined``: all uploads precede the inference of the last slot, so sum u_k + the least alpha + beta <= d.
- ``static``: each of S holds at least b_k throughout, so sum b_k <= B.

A mixture of both, lambda times one and 1 - lambda times the other, is limited as well. Each mixture is a knapsack; its
fractional optimum bounds the weight of S. With the weight due after d in full that is a bound for every d; the least of
all counts. The bounds c start from how many requests there are; then no more than fit in the knapsacks, and so again.
Nor do more requests than that serve more weight than the heaviest of them.

Deadlines and knapsacks are larger by ``MARGIN``, far more than the checker's tolerance and all rounding of these sums.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from partload.formulations.partial_loading.slot.data import SlotData
from partload.instances.allocation import constant_bandwidths
from partload.instances.partial_loading.instance import Instance
from partload.instances.weights import weight_grid
from partload.solvers.bound_rounding import safe_bound

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

MARGIN = 1e-8
"""Relative amount added to deadlines and to the capacity of knapsacks."""
NEVER = 1e9
"""A time beyond every deadline, in units of ``SlotData``, that sums and products of times can bear."""
MOST_DEADLINES = 8
"""Most deadlines tried; of more, so many spread evenly over the requests, the last among them."""
MIXTURES = (0.25, 0.5, 0.75, 1.0)
"""lambda, the part of the GPU in a mixture; 0 is the uplink alone."""
ROUNDS = 3
"""How often the bounds on numbers of requests are tightened."""


def upper_bound(instance: Instance) -> float:
    """Upper bound on the weight that any plan serves, on the safe side; valid whatever the instance has.

    Rounded down to a multiple of what all weights are multiples of, where there is such a number (``weight_grid``).
    """
    weights = [request.weight for request in instance.requests]
    candidates = _Candidates(SlotData(instance, slack=MARGIN))
    if not len(candidates.position):
        return 0.0
    bound = math.fsum(candidates.weight.tolist())
    for deadline in reversed(_spread(candidates.deadline)):
        due = candidates.deadline <= deadline
        later = math.fsum(candidates.weight[~due].tolist())
        if later >= bound:  # Nor do earlier deadlines bound it better.
            break
        bound = min(bound, later + _most_due(candidates, due, deadline))
    return safe_bound(bound, weight_grid(weights))


def _most_due(candidates: _Candidates, due: NDArray[np.bool_], deadline: float) -> float:
    """Upper bound on the weight that a plan serves among those due by a deadline."""
    weight = candidates.weight[due]
    most = len(weight)
    for _ in range(ROUNDS):
        gpu, uplink = candidates.shares(due, deadline, most)
        fitting = min(_most_that_fit(cost) for cost in (*gpu, uplink))
        if fitting >= most:
            break
        most = fitting
    mixtures = (part * cost + (1 - part) * uplink for cost, part in itertools.product(gpu, MIXTURES))
    heaviest = math.fsum(np.sort(weight)[len(weight) - most :].tolist())
    return min(heaviest, _knapsack(weight, uplink), *(_knapsack(weight, cost) for cost in mixtures))


@dataclasses.dataclass(frozen=True)
class _Candidates:
    """The K' requests that some plan may serve, as columns, in the units of ``SlotData``."""

    data: SlotData

    @cached_property
    def requests(self) -> list[str]:
        """Their ids: those who would be in time alone if they were served as soon as they arrive."""
        return list(self.data.requests)

    @cached_property
    def position(self) -> Indices:
        """Where they stand in the instance, shape (K',)."""
        index = self.data.instance.request_index
        return np.array([index[k] for k in self.requests], dtype=np.int64)

    @cached_property
    def model(self) -> Indices:
        """Position of m(k), shape (K',)."""
        return self.data.instance.arrays.model[self.position]

    @cached_property
    def weight(self) -> Floats:
        """w_k, shape (K',)."""
        return self.data.instance.arrays.weight[self.position]

    @cached_property
    def deadline(self) -> Floats:
        """d_k, shape (K',)."""
        return np.array([self.data.deadline[k] for k in self.requests])

    @cached_property
    def window(self) -> Floats:
        """l_k, the longest that the upload of k can take, shape (K',)."""
        arrival = np.array([self.data.arrival[k] for k in self.requests])
        return np.maximum(self.deadline - (self.setup + self.per_request)[self.model] - arrival, 0.0)

    @cached_property
    def share(self) -> Floats:
        """b_k / B, shape (K',); never more than all."""
        columns, band = self.data.instance.arrays, self.data.instance.server.bandwidth_hz
        window_s = self.window * self.data.unit_s
        needed = constant_bandwidths(columns.channel[self.position], columns.input_bits[self.position], window_s)
        return np.minimum(needed / band, 1.0)

    @cached_property
    def setup(self) -> Floats:
        """alpha_i of every model, shape (I,)."""
        return np.array([self.data.setup[model.id] for model in self.data.instance.models])

    @cached_property
    def per_request(self) -> Floats:
        """beta_i of every model, shape (I,)."""
        return np.array([model.batch_per_request_s / self.data.unit_s for model in self.data.instance.models])

    @cached_property
    def batch(self) -> Floats:
        """q_i, most requests of one batch, shape (I,); at least 1, since who fits no batch is no candidate."""
        return np.array([max(self.data.largest_batch[model.id], 1) for model in self.data.instance.models], dtype=float)

    @cached_property
    def entry(self) -> Floats:
        """Least time to load on entering each model, shape (I,)."""
        return np.array([self.data.entry[model.id] for model in self.data.instance.models])

    @cached_property
    def needs(self) -> tuple[Indices, Indices, Floats]:
        """Pairs of a model and a block that it needs and that is to be loaded, and the time that each block takes."""
        instance = self.data.instance
        number = {block: n for n, block in enumerate(instance.block_sizes)}
        initial = frozenset(instance.server.resident_blocks)
        pairs = [(i, number[b]) for i, m in enumerate(instance.models) for b in m.blocks if b not in initial]
        model, block = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        rate = instance.server.load_rate_bytes_per_s
        time = [min(size / rate / self.data.unit_s, NEVER) for size in instance.block_sizes.values()]
        return model, block, np.array(time, dtype=float)

    def shares(self, due: NDArray[np.bool_], deadline: float, most: int) -> tuple[tuple[Floats, Floats], Floats]:
        """What each request due takes at least of the GPU, counted in two ways, and of the uplink; each holds 1.

        ``most`` is a bound on how many of them a plan can serve, at least 1 or of no matter.
        """
        model, most = self.model[due], max(most, 1)
        count = np.bincount(model, minlength=len(self.setup))
        own = np.clip(count, 1, most)
        inference = self.per_request + self.setup / np.minimum(self.batch, own)
        needing, block, time = self.needs
        sharing = np.clip(np.bincount(block, count[needing], len(time)), 1, most)
        latency = np.minimum(self.data.instance.server.load_latency_s / self.data.unit_s, self.entry)
        by_block = np.bincount(needing, (time / sharing)[block], len(count)) + latency / own
        gpu = ((inference + load)[model] / deadline for load in (self.entry / own, by_block))
        return (next(gpu), next(gpu)), self._of_uplink(due, deadline, inference[model])

    def _of_uplink(self, due: NDArray[np.bool_], deadline: float, inference: Floats) -> Floats:
        share = self.share[due]
        last_run = (self.setup + self.per_request)[self.model[due]].min()
        before_last = max(deadline - last_run, MARGIN * deadline)
        discipline = self.data.instance.uplink_discipline
        return discipline.least_part(share, share * self.window[due], inference, deadline, before_last)


def _spread(deadlines: Floats) -> list[float]:
    """The distinct deadlines, or ``MOST_DEADLINES`` of them: spread evenly over the requests."""
    distinct = np.unique(deadlines)
    if len(distinct) > MOST_DEADLINES:
        places = np.arange(1, MOST_DEADLINES + 1) * len(deadlines) // MOST_DEADLINES - 1
        distinct = np.unique(np.sort(deadlines)[places])
    return [float(deadline) for deadline in distinct]


def _most_that_fit(cost: Floats) -> int:
    """Most requests whose costs sum to no more than 1."""
    return int(np.searchsorted(np.cumsum(np.sort(cost)), 1 + MARGIN, side="right"))


def _knapsack(weight: Floats, cost: Floats) -> float:
    """Greatest weight, fractions allowed, whose cost is no more than 1; both of shape (K'',)."""
    with np.errstate(over="ignore"):
        order = np.argsort(cost / weight)
    total = np.cumsum(cost[order])
    whole = int(np.searchsorted(total, 1 + MARGIN, side="right"))
    packed = math.fsum(weight[order[:whole]].tolist())
    if whole == len(order):
        return packed
    left = 1 + MARGIN - (float(total[whole - 1]) if whole else 0.0)
    return packed + float(weight[order[whole]] * left / cost[order[whole]])
