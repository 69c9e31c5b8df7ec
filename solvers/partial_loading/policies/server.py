"""The server as an online policy sees it: the time, the requests that wait, and the blocks in memory.

A policy decides on the next slot when the GPU is free, and knows only the requests that have arrived by then. Load and
uploads of the slot begin at that decision. The clock lets a load begin when the slot before ends, and a pipelined
uplink run ahead, so no slot ends later by the clock than here.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from partload.instances.allocation import least_upload_times
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.memory import fits, largest_batch
from partload.instances.partial_loading.plan import Slot
from partload.solvers.partial_loading.constructive.uploads import ON_TIME

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Eviction = Literal["first-in", "least-recent"]
"""Which blocks leave memory first: those loaded longest ago, or those used longest ago."""


@dataclasses.dataclass(frozen=True)
class Dispatch:
    """A slot as the server runs it."""

    slot: Slot
    rows: Rows
    """Positions of its requests."""
    start_s: float
    """Time of the decision."""
    end_s: float
    loaded_bytes: float


class OnlineServer:
    """Time, requests that wait, and memory."""

    def __init__(self, instance: Instance, eviction: Eviction) -> None:
        self.instance, self.eviction = instance, eviction
        self.columns = instance.arrays
        self.now_s = 0.0
        self.current: int | None = None
        """Position of the model of the last slot."""
        self.waiting: Rows = np.empty(0, dtype=np.int64)
        """Positions of the requests that have arrived and are neither served nor refused, by arrival."""
        count = len(instance.requests)
        self.alone_s = least_upload_times(
            self.columns.channel, self.columns.input_bits, np.arange(count), count, instance.server.bandwidth_hz
        )
        self.most = [largest_batch(instance, model, len(instance.requests)) for model in instance.models]
        """Requests that fit into one batch of each model."""
        self._arriving = np.argsort(self.columns.arrival_s, kind="stable")
        self._arrived = 0
        self._closed = np.zeros(len(instance.models), dtype=bool)
        self._memory = frozenset(instance.server.resident_blocks)
        # Blocks in memory at time 0 count as loaded and used in the order of the file.
        self._stamp = {block.id: n - len(instance.blocks) for n, block in enumerate(instance.blocks)}
        self._slots = 0
        self._loads: dict[int, tuple[float, float]] = {}

    def listen(self) -> bool:
        """Take in what has arrived, waiting for the next arrival if nothing waits; False when none is to come."""
        while True:
            arrival = self.columns.arrival_s
            until = int(np.searchsorted(arrival[self._arriving], self.now_s, side="right"))
            new = self._arriving[self._arrived : until]
            self._arrived = max(until, self._arrived)
            self.waiting = np.concatenate((self.waiting, new))
            self.waiting = self.waiting[~self._closed[self.columns.model[self.waiting]]]
            if len(self.waiting):
                return True
            if self._arrived == len(self._arriving):
                return False
            self.now_s = float(arrival[self._arriving[self._arrived]])

    def load(self, model: int) -> tuple[float, float]:
        """Bytes that a model would have to load now, and load_n [s]."""
        if model not in self._loads:
            instance, server = self.instance, self.instance.server
            missing = instance.block_sets[instance.models[model].id] - self._memory
            size = instance.size_of(missing)
            time = server.load_latency_s + size / server.load_rate_bytes_per_s if missing else 0.0
            self._loads[model] = size, time
        return self._loads[model]

    def takes_s(self, rows: Rows) -> float:
        """Time [s] of a slot with some requests for one model, were it dispatched now."""
        columns, count = self.columns, len(rows)
        index = int(columns.model[rows[0]])
        model = self.instance.models[index]
        group, band = np.zeros(count, dtype=np.int64), self.instance.server.bandwidth_hz
        upload = least_upload_times(columns.channel[rows], columns.input_bits[rows], group, 1, band)[0]
        return max(self.load(index)[1], float(upload)) + model.batch_setup_s + model.batch_per_request_s * count

    def alone_end_s(self, rows: Rows) -> Floats:
        """Ends [s] of some requests, were each dispatched now and alone."""
        asked, models = self.columns.model[rows], self.instance.models
        loads, inference = np.zeros(len(models)), np.zeros(len(models))
        for index in np.unique(asked).tolist():
            loads[index] = self.load(index)[1]
            inference[index] = models[index].batch_setup_s + models[index].batch_per_request_s
        ends: Floats = self.now_s + np.maximum(loads[asked], self.alone_s[rows]) + inference[asked]
        return ends

    def in_time(self, rows: Rows) -> NDArray[np.bool_]:
        """Whether each of some requests would be in time, were it dispatched now and alone."""
        most = np.array(self.most, dtype=np.int64)[self.columns.model[rows]]
        return (most > 0) & (self.alone_end_s(rows) <= self.columns.deadline_s[rows] * ON_TIME)

    def batch(self, rows: Rows) -> Rows:
        """The longest prefix of some requests for one model that is one slot in time; each is in time alone."""
        rows = rows[: self.most[int(self.columns.model[rows[0]])]]
        due = np.minimum.accumulate(self.columns.deadline_s[rows]) * ON_TIME
        fitting, too_many, size = 1, len(rows) + 1, len(rows)
        while too_many - fitting > 1:  # One more request never makes a slot end sooner or due later.
            holds = self.now_s + self.takes_s(rows[:size]) <= due[size - 1]
            fitting, too_many = (size, too_many) if holds else (fitting, size)
            size = (fitting + too_many) // 2
        return rows[:fitting]

    def refuse(self, rows: Rows) -> None:
        """Some requests no longer wait."""
        self.waiting = self.waiting[~np.isin(self.waiting, rows)]

    def dispatch(self, rows: Rows) -> Dispatch:
        """Run some requests for one model as the next slot."""
        index = int(self.columns.model[rows[0]])
        model, start_s = self.instance.models[index], self.now_s
        end_s = start_s + self.takes_s(rows)
        loaded_bytes = self.load(index)[0]
        if self.current is not None and self.current != index and not self.instance.visits_rule.may_return:
            self._closed[self.current] = True
        resident = self._keep(index, len(rows))
        self.refuse(rows)
        self.current, self.now_s = index, end_s
        names = tuple(self.instance.requests[row].id for row in rows.tolist())
        return Dispatch(Slot(model.id, names, resident), rows, start_s, end_s, loaded_bytes)

    def _keep(self, index: int, count: int) -> frozenset[str] | None:
        """Update memory; returns its blocks where the plan has to name them."""
        instance, model = self.instance, self.instance.models[index]
        own, before = instance.block_sets[model.id], self._memory
        self._slots += 1
        for block in own if self.eviction == "least-recent" else own - before:
            self._stamp[block] = self._slots
        self._loads = {}
        rule = instance.residency_rule
        if not rule.keeps_others or instance.server.memory_bytes is None:
            self._memory = rule.resident(None, before, own)
            return None
        latest_first = sorted(before - own, key=lambda block: (-self._stamp[block], block))
        kept, too_many = 0, len(latest_first) + 1
        while too_many - kept > 1:
            size = (kept + too_many) // 2
            holds = fits(instance, own | set(latest_first[:size]), model, count)
            kept, too_many = (size, too_many) if holds else (kept, size)
        self._memory = own | frozenset(latest_first[:kept])
        return self._memory
