"""A plan that is extended by one slot at a time, and the candidates for its next slot.

It keeps the end of the plan, the end of its uploads, the blocks in memory and the requests that wait for each model. So
the cost of a step does not depend on the length of the plan.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.memory import fits, largest_batch
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.static import decided
from partload.instances.verdict import TOLERANCE
from partload.solvers.partial_loading.constructive.uploads import ON_TIME, HeldBandwidth, equal_upload, least_upload

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
THRESHOLDS = 6
"""Deadlines that are tried as the first one of a batch, and arrivals as the last one, when those who wait differ."""


@dataclasses.dataclass(frozen=True)
class Candidate:
    """One slot that could come next."""

    model: int
    """Position of the model."""
    rows: Rows
    """Positions of the requests."""
    weight: float
    load_s: float
    end_s: float
    uplink_end_s: float
    deadline_s: float
    """The first deadline among the requests."""


class PartialPlan:
    """A plan, and the candidates for its next slot. Vectors have one entry for each of the I models.

    Parameters
    ----------
    instance
        Any instance.
    full_loads
        Every slot is taken to load all blocks of its model, whatever is in memory.
    equal_split
        The band of a slot is split equally among its requests. Not for the static uplink.
    """

    def __init__(self, instance: Instance, *, full_loads: bool = False, equal_split: bool = False) -> None:
        self.instance, self.full_loads, self.equal_split = instance, full_loads, equal_split
        self.discipline, self._residency = instance.uplink_discipline, instance.residency_rule
        models, columns = instance.models, instance.arrays
        self.setup_s = np.array([model.batch_setup_s for model in models])
        self.per_request_s = np.array([model.batch_per_request_s for model in models])
        self.most = np.array(
            [largest_batch(instance, model, len(instance.requests)) for model in models], dtype=np.int64
        )
        """Requests that fit into one batch of each model."""
        self._position = blocks = {block.id: n for n, block in enumerate(instance.blocks)}
        self._blocks_of = [np.array([blocks[b] for b in model.blocks], dtype=np.int64) for model in models]
        self._owner = np.repeat(np.arange(len(models)), [len(model.blocks) for model in models])
        self._entry = np.concatenate([np.empty(0, dtype=np.int64), *self._blocks_of])
        self._size = np.array([block.size_bytes for block in instance.blocks], dtype=float)
        self._resident = np.zeros(len(blocks), dtype=bool)
        self._resident[[blocks[b] for b in instance.server.resident_blocks]] = not full_loads

        self.alone_s = columns.alone_s(instance.server.bandwidth_hz)
        added = (self.alone_s + self.per_request_s[columns.model]) / columns.weight
        order = np.lexsort((self.alone_s, added, columns.model))
        self.waiting: list[Rows] = np.split(order, np.cumsum(np.bincount(columns.model, minlength=len(models)))[:-1])
        """Requests not served, by model, those with the most weight per second added first."""
        self.count, self.weight, self.upload_s, self.deadline_s = (np.zeros(len(models)) for _ in range(4))
        self.arrival_s = np.zeros(len(models)) if columns.arrivals else None
        """First arrival among those who wait for each model; None where all requests are there at time 0."""
        for n in range(len(models)):
            self._sum_up(n)
        self.open = self.most > 0
        """Models that may be visited."""
        self.end_s = self.uplink_end_s = 0.0
        self.current: int | None = None
        self._held = HeldBandwidth(instance)
        self._slots: list[Slot] = []
        self._due_s: list[float] = []

    def missing_bytes(self) -> Floats:
        """Bytes of each model that are not in memory."""
        absent: Floats = self._size[self._entry] * ~self._resident[self._entry]
        return np.bincount(self._owner, absent, len(self.setup_s)).astype(float)

    def shared_bytes(self) -> Floats:
        """Bytes of each model that are in memory."""
        present: Floats = self._size[self._entry] * self._resident[self._entry]
        return np.bincount(self._owner, present, len(self.setup_s)).astype(float)

    def loads_s(self) -> Floats:
        """load_n [s] of each model, were it next."""
        server = self.instance.server
        absent = np.bincount(self._owner, ~self._resident[self._entry], len(self.setup_s)) > 0
        time: Floats = absent * server.load_latency_s + self.missing_bytes() / server.load_rate_bytes_per_s
        return time

    def possible(self, loads_s: Floats) -> Rows:
        """Models with requests that could be in time if no upload binds."""
        end = self.end_s + loads_s + self.setup_s + self.per_request_s
        return np.flatnonzero(self.open & (self.count > 0) & (end <= self.deadline_s * ON_TIME))

    def candidates(self, model: int, load_s: float) -> Iterator[Candidate]:
        """Slots of a model, each with as many of its requests as are in time, in the order in which they wait.

        A batch waits for its last upload. So a request with an early deadline keeps others out, and a request that
        arrives late delays them. There is one candidate for each of some first deadlines and some last arrivals: it
        has only requests that are due no sooner and arrive no later.
        """
        rows, deadlines = self.waiting[model], self.instance.arrays.deadline_s
        soonest = self.end_s + load_s + self.setup_s[model] + self.per_request_s[model]
        rows = rows[deadlines[rows] * ON_TIME >= soonest]
        for present in [rows] if self.arrival_s is None else self._present(rows):
            due = deadlines[present]
            for threshold in _some(due):
                candidate = self._largest(model, present[due >= threshold][: self.most[model]], load_s)
                if candidate is not None:
                    yield candidate

    def _present(self, rows: Rows) -> Iterator[Rows]:
        """The requests among these that arrive by a time, for some times from the start of the uploads on."""
        arrival = self.instance.arrays.arrival_s[rows]
        now = self.discipline.upload_start_s(self.end_s, self.uplink_end_s, 0.0)
        for latest in _some(np.maximum(arrival, now)):
            yield rows[arrival <= latest]

    def take(self, candidate: Candidate) -> None:
        """Append a slot."""
        instance, model = self.instance, candidate.model
        names = tuple(instance.requests[row].id for row in candidate.rows.tolist())
        if self.current is not None and self.current != model and not instance.visits_rule.may_return:
            self.open[self.current] = False
        self.current = model
        if self.discipline.one_band:
            inference = self._inference_s(model, len(candidate.rows))
            self._held.hold(candidate.rows, candidate.deadline_s - inference, candidate.load_s, inference)
        self.end_s, self.uplink_end_s = candidate.end_s, candidate.uplink_end_s
        waiting = self.waiting[model]
        self.waiting[model] = waiting[~np.isin(waiting, candidate.rows)]
        self._sum_up(model)
        resident = self._keep(model, len(names))
        shares = dict.fromkeys(names, instance.server.bandwidth_hz / len(names)) if self.equal_split else None
        self._due_s.append(candidate.deadline_s)
        self._slots.append(Slot(instance.models[model].id, names, resident, shares))

    @property
    def size(self) -> int:
        """Number of slots so far."""
        return len(self._slots)

    def plan(self, size: int) -> Plan:
        """The first slots of the plan, with the best bandwidths for them where they are not split equally."""
        slots = tuple(self._slots[:size])
        return slots if self.equal_split else decided(self.instance, slots)

    def holds(self, size: int) -> bool:
        """Whether the first slots are in time by the clock and, where all requests share one band, within it.

        The other rules need no check: they compare whole numbers, or the very sums that the checker compares.
        """
        times, server = clock.run(self.instance, self.plan(size)), self.instance.server
        held = times.bandwidth_hz.sum() if self.discipline.one_band else 0.0
        in_time = (times.end_s <= np.array(self._due_s[:size]) * (1 + TOLERANCE)).all()
        return bool(in_time and held <= server.bandwidth_hz * (1 + TOLERANCE))

    def _largest(self, model: int, rows: Rows, load_s: float) -> Candidate | None:
        """The longest prefix of the rows that is in time as one slot. Another request never makes a slot end sooner."""
        instance = self.instance
        due, upload = np.minimum.accumulate(instance.arrays.deadline_s[rows]), None
        if not self.discipline.one_band:
            upload = equal_upload(instance, rows) if self.equal_split else least_upload(instance, self.alone_s, rows)
        last = None if self.arrival_s is None else np.maximum.accumulate(instance.arrays.arrival_s[rows])
        start_of = self.discipline.upload_start_s

        def ends(count: int) -> tuple[float, float]:
            sent = 0.0 if last is None else float(last[count - 1])
            if upload:
                sent = start_of(self.end_s, self.uplink_end_s, sent) + upload(count)
            return max(self.end_s + load_s, sent) + self._inference_s(model, count), sent

        def fits(count: int) -> bool:
            if ends(count)[0] > due[count - 1] * ON_TIME:
                return False
            latest = due[count - 1] - self._inference_s(model, count)
            return upload is not None or self._held.fits(rows[:count], latest, load_s)

        fitting, too_many = 0, len(rows) + 1
        size = len(rows)  # Often all of them fit.
        while too_many - fitting > 1:
            fitting, too_many = (size, too_many) if fits(size) else (fitting, size)
            size = (fitting + too_many) // 2
        if not fitting:
            return None
        chosen, (end_s, sent_s) = rows[:fitting], ends(fitting)
        weight = float(instance.arrays.weight[chosen].sum())
        return Candidate(model, chosen, weight, load_s, end_s, sent_s, float(due[fitting - 1]))

    def _inference_s(self, model: int, count: int) -> float:
        return float(self.setup_s[model] + self.per_request_s[model] * count)

    def _sum_up(self, model: int) -> None:
        """Update the vectors for the requests that wait for a model."""
        rows, columns = self.waiting[model], self.instance.arrays
        self.count[model], self.weight[model] = len(rows), columns.weight[rows].sum()
        self.upload_s[model] = self.alone_s[rows].sum()
        self.deadline_s[model] = columns.deadline_s[rows].max(initial=0.0)
        if self.arrival_s is not None:
            self.arrival_s[model] = columns.arrival_s[rows].min(initial=np.inf)

    def _keep(self, model: int, count: int) -> frozenset[str] | None:
        """Update what is in memory; returns the blocks where the plan has to name them.

        Beyond the model's own blocks, those stay that the waiting requests need most, as far as they fit.
        """
        instance, own = self.instance, self._blocks_of[model]
        before, self._resident = self._resident, np.zeros_like(self._resident)
        cached, memory = self._residency.keeps_others, instance.server.memory_bytes
        if not self.full_loads:
            self._resident[own] = True
        if not cached or memory is None:
            if cached:
                self._resident |= before & (not self.full_loads)
            return None
        kept = list(instance.models[model].blocks)
        activations = instance.models[model].activation_bytes_per_request * count
        free = memory - activations - self._size[own].sum()
        demand = np.bincount(self._entry, (self.weight * self.open)[self._owner], len(before))
        others = np.flatnonzero(before & ~self._resident)
        for block in others[np.argsort(-demand[others], kind="stable")].tolist():
            if self._size[block] <= free:
                free -= self._size[block]
                kept.append(instance.blocks[block].id)
                self._resident[block] = True
        while not fits(instance, kept, instance.models[model], count):  # Rounding; the block needed least goes.
            self._resident[self._position[kept.pop()]] = False
        return frozenset(kept)


def _some(values: Floats) -> Floats:
    """The distinct values, or ``THRESHOLDS`` of them, ascending, from the first to the last."""
    steps = np.unique(values)
    return np.unique(steps[np.linspace(0, len(steps) - 1, min(len(steps), THRESHOLDS)).astype(int)])
