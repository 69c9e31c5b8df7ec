"""What the slot formulation needs of an instance: usable models and requests, times, and how many slots there can be.

Data extraction only: nothing here knows a variable. All times are in units of a hundredth of the last deadline, so
that the solver's absolute tolerance (1e-9) is a relative 1e-11 of the horizon, well inside the 1e-9 of the checker.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from partload.formulations.partial_loading.slot import features
from partload.instances.partial_loading.horizon import horizon_s
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.memory import largest_batch
from partload.instances.verdict import TOLERANCE
from partload.instances.weights import WeightUnit, weight_unit

HORIZON = 100.0
"""The last deadline, in the formulation's unit of time."""
NEVER = 4 * HORIZON
"""Stands for every longer time: one of them alone ends after the last deadline, whatever the slack."""


@dataclasses.dataclass(frozen=True)
class SlotData:
    """The data of one instance, restricted to what some feasible plan can use.

    A solver computes with tolerances, and may lose a plan that ends exactly at its deadline. ``slack`` moves deadlines
    and memory by more than these tolerances. With slack above 0 the model has every feasible plan, and some plans that
    are late by less than the slack. With slack below 0 every plan of the model is feasible.
    """

    instance: Instance
    slack: float = TOLERANCE
    """Relative change of deadlines; with the default the model has every plan that the checker accepts."""
    merge: bool = True
    """Whether a slot may stand for a whole visit where that is no loss."""
    several: bool = True
    """Whether it may do so with several batches in a row, which takes closed forms of their uploads (fact 4)."""
    closed_form: bool = True
    """Whether bounds may rest on the closed form of uploads on flat channels (fact 1)."""

    @cached_property
    def start(self) -> str:
        """Stands for the state before the first slot where a model is expected; no model has this id."""
        name = "start"
        while name in self.instance.model_index:
            name += "'"
        return name

    @cached_property
    def deadline_s(self) -> NDArray[np.float64]:
        """d_k [s] as far as it matters, shape (K,): at most a time by which every plan has ended (``horizon``)."""
        return np.minimum(self.instance.arrays.deadline_s, horizon_s(self.instance))

    @cached_property
    def unit_s(self) -> float:
        """Length of the unit of time [s]."""
        last = float(self.deadline_s.max(initial=0.0))
        return last / HORIZON if last > 0 else 1.0

    @cached_property
    def uploads_add_up(self) -> bool:
        """Whether it may be used that uploads take as long as one after another: true of flat channels (fact 1)."""
        return self.closed_form and bool(self.instance.arrays.channel.flat.all())

    @cached_property
    def upload(self) -> dict[str, float]:
        """Time that the upload of request k takes on the whole band; a_k / B for a flat channel."""
        columns, band = self.instance.arrays, self.instance.server.bandwidth_hz
        times = np.where(columns.channel.flat, columns.spectrum_load / band, columns.alone_s(band))
        return dict(zip(self.instance.request_index, self.in_units(times).tolist()))

    @cached_property
    def arrival(self) -> dict[str, float]:
        """r_k of every request."""
        return dict(zip(self.instance.request_index, self.in_units(self.instance.arrays.arrival_s).tolist()))

    @cached_property
    def deadline(self) -> dict[str, float]:
        """d_k with slack, relative to itself and a little to the horizon, since the solver's tolerance is absolute."""
        extra = self.slack * HORIZON / 100
        moved = self.deadline_s / self.unit_s * (1 + self.slack) + extra
        return dict(zip(self.instance.request_index, moved.tolist()))

    def in_units(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Times in units. Whatever takes longer than every deadline takes ``NEVER``: solvers want numbers near 1."""
        return np.minimum(seconds / self.unit_s, NEVER)

    @property
    def memory_bytes(self) -> float | None:
        """M with slack: a thousandth of that of deadlines, because memory is counted exactly."""
        memory = self.instance.server.memory_bytes
        return None if memory is None else memory * (1 + self.slack / 1000)

    @cached_property
    def setup(self) -> dict[str, float]:
        """alpha_i of every model."""
        models = self.instance.models
        setup = self.in_units(np.array([model.batch_setup_s for model in models], dtype=float))
        return {model.id: time for model, time in zip(models, setup.tolist())}

    @cached_property
    def per_request(self) -> dict[str, float]:
        """beta_i of the model of each request."""
        beta = self.in_units(np.array([model.batch_per_request_s for model in self.instance.models], dtype=float))
        return dict(zip(self.instance.request_index, beta[self.instance.arrays.model].tolist()))

    @cached_property
    def largest_batch(self) -> dict[str, int]:
        """Most requests of a model that one slot can take, by its limit and by memory; 0 if it does not fit at all."""
        wanted = np.bincount(self.instance.arrays.model, minlength=len(self.instance.models)).tolist()
        return {
            model.id: largest_batch(self.instance, model, most) for model, most in zip(self.instance.models, wanted)
        }

    def load(self, before: frozenset[str], model: str) -> float:
        """Time to load a model when the blocks ``before`` are resident."""
        missing = self.instance.block_sets[model] - before
        server = self.instance.server
        if not missing:
            return 0.0
        seconds = server.load_latency_s + self.instance.size_of(missing) / server.load_rate_bytes_per_s
        return min(seconds / self.unit_s, NEVER)

    @cached_property
    def requests(self) -> tuple[str, ...]:
        """Requests that would meet their deadline if they were served alone and as soon as they arrive."""
        usable = []
        for request in self.instance.requests:
            inference = self.setup[request.model] + self.per_request[request.id]
            uploaded = self.arrival[request.id] + self.upload[request.id]
            soonest = max(self.entry[request.model], uploaded) + inference
            if self.largest_batch[request.model] > 0 and soonest <= self.deadline[request.id]:
                usable.append(request.id)
        return tuple(usable)

    @cached_property
    def model_of(self) -> dict[str, str]:
        """m(k) of the usable requests."""
        asked = {request.id: request.model for request in self.instance.requests}
        return {request: asked[request] for request in self.requests}

    @cached_property
    def requests_of(self) -> dict[str, list[str]]:
        """Usable requests of each usable model."""
        groups: dict[str, list[str]] = defaultdict(list)
        for request, model in self.model_of.items():
            groups[model].append(request)
        return dict(groups)

    @cached_property
    def models(self) -> tuple[str, ...]:
        """Models with a usable request; no plan runs another."""
        return tuple(model.id for model in self.instance.models if model.id in self.requests_of)

    @cached_property
    def weight_unit(self) -> WeightUnit:
        """What the weights of usable requests are divided by."""
        index = self.instance.request_index
        return weight_unit([self.instance.requests[index[request]].weight for request in self.requests])

    @cached_property
    def weight(self) -> dict[str, float]:
        """w_k of usable requests, in units."""
        unit, index = self.weight_unit, self.instance.request_index
        return {request: unit.of(self.instance.requests[index[request]].weight) for request in self.requests}

    @property
    def chooses_blocks(self) -> bool:
        """Whether a plan chooses which blocks to keep: without a limit on memory it keeps them all."""
        return features.residency(self.instance.server).keeps_blocks and self.instance.server.memory_bytes is not None

    @cached_property
    def entry(self) -> dict[str, float]:
        """Least time to load a model on entering it, from the start or from any other model that fits into memory.

        With ``cached`` residency it may all have been kept: 0.
        """
        server, sets = self.instance.server, self.instance.block_sets
        if features.residency(server).keeps_blocks:
            return dict.fromkeys(sets, 0.0)
        initial = frozenset(server.resident_blocks)
        least = {}
        for model in sets:
            before = [initial, *(sets[j] for j in sets if j != model and self.largest_batch[j] > 0)]
            least[model] = min(self.load(blocks, model) for blocks in before)
        return least

    @cached_property
    def mergeable(self) -> dict[str, bool]:
        """Whether one slot may stand for a whole visit of a model, several batches in a row if need be.

        True with a slotted uplink when the model's requests share one deadline and one arrival, and a larger batch
        takes no memory from blocks worth keeping. Proof: what two slots in a row serve, one slot can, where batches are
        not limited: it finds the memory that the first one found, so it loads the same; it waits for the arrival as
        long; max(load, up) + up' >= max(load, up + up'), and so it is after a wait; one setup is saved. It ends no
        later than the second slot did, and all its requests are due at the same time.
        (Uploads of both together take no longer than one after the other, whatever the channel.)
        Where batches are limited to q, v requests take ceil(v / q) batches with the largest uploads in the first one,
        where they hide behind the load (problems, fact 4); this needs ``several``, and flat channels.
        """
        server = self.instance.server
        activation = {model.id: model.activation_bytes_per_request for model in self.instance.models}
        return {
            model: self.merge
            and features.uplink(server).within_slot
            and len({(self.deadline[k], self.arrival[k]) for k in requests}) == 1
            and (len(requests) <= self.largest_batch[model] or (self.several and self.uploads_add_up))
            and (not self.chooses_blocks or activation[model] == 0)
            for model, requests in self.requests_of.items()
        }

    @cached_property
    def stays(self) -> dict[str, bool]:
        """Whether a visit of a model may need more than one slot."""
        return {model: len(requests) > 1 and not self.mergeable[model] for model, requests in self.requests_of.items()}

    @cached_property
    def most_batches(self) -> dict[str, int]:
        """Most batches that one slot of a model stands for."""
        return {
            model: math.ceil(len(requests) / self.largest_batch[model]) if self.mergeable[model] else 1
            for model, requests in self.requests_of.items()
        }

    @cached_property
    def most_slots(self) -> dict[str, int]:
        """Most slots that a model needs in an optimal plan: one per visit if that is enough, else one per request."""
        once = features.visits(self.instance.server).limited
        return {
            model: 1 if once and self.mergeable[model] else len(requests)
            for model, requests in self.requests_of.items()
        }

    @cached_property
    def soonest_end(self) -> list[float]:
        """Lower bound on the end of slot n, for n = 1, 2, ... as long as some deadline allows it; its length is N.

        Proof: n slots serve at least n requests. Slotted: a slot lasts at least alpha_i + beta_i and the upload of one
        request of its own, the r-th cheapest upload of the model for its r-th slot; where no slot follows another of
        the same model, each also lasts the least load on entry. The sum over the n cheapest of all these is a bound.
        Pipelined: inference takes at least the n smallest alpha_i + beta_i (plus loads, as before), and n uploads
        precede the last inference. Static: so it is where channels are flat (sum a_k <= sum b_k ready <= B ready); else
        the last of n uploads takes at least as long as the n-th cheapest would alone. Waiting for arrivals only adds to
        all of this.
        """
        uplink = features.uplink(self.instance.server)
        least: list[float] = []
        for model, requests in self.requests_of.items():
            inference = self.setup[model] + self.per_request[requests[0]]
            uploads = sorted(self.upload[request] for request in requests)[: self.most_slots[model]]
            for upload in uploads:
                load = 0.0 if self.stays[model] else self.entry[model]
                least.append(inference + (max(load, upload) if uplink.within_slot else load))
        ends = list(accumulate(sorted(least)))
        if not uplink.within_slot and least:
            shortest = min(self.setup[model] + self.per_request[r[0]] for model, r in self.requests_of.items())
            alone = sorted(self.upload[request] for request in self.requests)
            one_by_one = self.uploads_add_up or uplink.one_by_one
            uploaded = list(accumulate(alone)) if one_by_one else alone
            ends = [max(end, upload_end + shortest) for end, upload_end in zip(ends, uploaded)]
        last = max((self.deadline[request] for request in self.requests), default=0.0)
        rounding = 1 + 1e-12  # Sums in another order differ in the last digits.
        return [end / rounding for end in ends if end / rounding <= last]

    @cached_property
    def deadlines(self) -> list[float]:
        """The distinct deadlines of usable requests, ascending."""
        return sorted({self.deadline[request] for request in self.requests})

    @cached_property
    def better(self) -> list[tuple[str, str]]:
        """Pairs (p, k) of requests such that whoever serves k may as well serve p.

        Request p dominates k when both ask for the same model and p has no larger upload at any bandwidth, no later
        arrival, no earlier deadline and no smaller weight: in a plan that serves k but not p, exchange them. With equal
        weights and a common deadline this is the rule of the least a_k (problems, fact 3). Only pairs without a third
        request between them are given.
        """
        pairs = []
        for requests in self.requests_of.values():
            ordered = sorted(requests, key=lambda k: (self.upload[k], -self.deadline[k], -self.weight[k]))
            if self.uploads_add_up and len({(self.deadline[k], self.weight[k], self.arrival[k]) for k in ordered}) == 1:
                pairs += list(pairwise(ordered))
                continue
            for place, k in enumerate(ordered):
                above: list[str] = []
                for p in reversed(ordered[:place]):
                    if self._dominates(p, k) and not any(self._dominates(p, q) for q in above):
                        above.append(p)
                pairs += [(p, k) for p in above]
        return pairs

    def _dominates(self, p: str, k: str) -> bool:
        """Whether p is at least as good as k; called with p not after k in the order of ``better``."""
        if self.deadline[p] < self.deadline[k] or self.weight[p] < self.weight[k] or self.arrival[p] > self.arrival[k]:
            return False
        columns, index = self.instance.arrays, self.instance.request_index
        first, second = index[p], index[k]
        bits, flat, quality = columns.input_bits, columns.channel.flat, columns.channel.quality
        if bits[first] == 0 or (flat[first] and flat[second]):
            return True  # By the order, the upload of p on the whole band is no longer; on a part of it neither.
        return bool(bits[first] <= bits[second] and flat[first] == flat[second] and quality[first] >= quality[second])

    @cached_property
    def blocks(self) -> dict[str, tuple[str, ...]]:
        """Groups of blocks that are kept or dropped together, by the id of their first block.

        Without a limit on memory everything is kept, so blocks that belong to the same models need not be told apart.
        With one, keeping half of a group can pay, so each block stands alone.
        """
        server, members = self.instance.server, defaultdict(list)
        initial = frozenset(server.resident_blocks)
        for block in self.instance.block_sizes:
            users = frozenset(model for model in self.models if block in self.instance.block_sets[model])
            if users:
                key = (users, block in initial) if server.memory_bytes is None else block
                members[key].append(block)
        return {group[0]: tuple(group) for group in members.values()}
