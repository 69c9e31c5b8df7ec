"""What it costs to serve requests of a model that are worth at least p, by the batch (problems, facts 1, 4).

A request has an upload time a_k and a profit, a whole number. Let least(u, p) be the least upload time of u requests of
some that are worth at least p: item by item,

    least(u, p) = min { least(u, p), least(u - 1, p - profit_k) + a_k }.

In one batch with load L they take max(L, least(u, p)) + alpha + beta u. Let at most q requests fit into one. Of more,
the q with the largest uploads come first, where they hide behind the load. With all requests in order, the largest
upload first, let t be the last of these q: then they are the best q among the first t with t among them, T_t(p), and
the others the best of those behind t, R_t(p), which takes in its batches:

    min_t min_p' max(L, T_t(p')) + R_t(p - p') + alpha + beta q

Numbers of units beyond ``units`` count as ``units``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.memory import largest_batch
from partload.solvers.partial_loading.dynamic.sharing_clusters import able

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class ByProfit:
    """Costs whose unit is a profit of 1. K' requests of a model that are worth anything, the largest upload first."""

    requests: list[int]
    """Their positions."""
    upload_s: list[float]
    """a_k / B."""
    profit: list[int]
    batch: int
    """q."""
    most: int
    """Most requests that can be in time."""
    units: int
    """U, most units that are counted."""
    setup_s: float
    """alpha."""
    per_request_s: float
    """beta."""

    @property
    def work(self) -> float:
        """About how many numbers are computed, for one load."""
        own = float(len(self.requests)) * self.units
        return own * self.most + (own * self.units / 8 if self.most > self.batch else 0.0)

    def times(self, load_s: float) -> Floats:
        """Least times [s] for at least 1, .., U units."""
        time = self._one_batch(load_s).min(axis=0)
        if self.most > self.batch:
            rest, top = self._tables.rest, self._first_batch(load_s)
            worth = (top[:, :-1] < top[:, 1:]).any(axis=0)  # As much time for more units is better.
            for units in (*np.flatnonzero(worth).tolist(), self.units):
                ways = (top[:, units, None] + rest[:, : self.units + 1 - units]).min(axis=0)
                np.minimum(time[units:], ways, out=time[units:])
        return time[1:]

    def batches(self, load_s: float, units: int) -> list[list[int]]:
        """Positions of the requests of each slot of the visit that takes the least time."""
        one = self._one_batch(load_s)[:, units]
        if self.most > self.batch:
            both = self._first_batch(load_s)[:, : units + 1] + self._tables.rest[:, units::-1]
            if both.min() < one.min():
                return self._split(*divmod(int(both.argmin()), units + 1), units)
        return [self._chosen(range(len(self.requests)), 1 + int(one.argmin()), units)]

    def _split(self, pivot: int, top: int, units: int) -> list[list[int]]:
        """More than one batch: the first ends with ``pivot`` and is worth ``top``, all are worth ``units``."""
        first = self._chosen(range(pivot), self.batch - 1, max(top - self.profit[pivot], 0))
        behind = range(len(self.requests) - 1, pivot, -1)
        *_, table = self._filled(behind, self.most - self.batch)
        count = 1 + int((table[1:, units - top] + self._inference_s[: len(table) - 1]).argmin())
        rest = self._chosen(behind, count, units - top)
        return [[*first, self.requests[pivot]], *(rest[at : at + self.batch] for at in range(0, count, self.batch))]

    @cached_property
    def _inference_s(self) -> Floats:
        """What u = 1, 2, .. requests take in batches."""
        count = np.arange(1, self.most + 1)
        time: Floats = -(-count // self.batch) * self.setup_s + count * self.per_request_s
        return time

    def _one_batch(self, load_s: float) -> Floats:
        """Least times [s] of u requests worth at least p, shape (u from 1, p from 0)."""
        table = self._tables.all[1 : self.batch + 1]
        time: Floats = np.maximum(load_s, table) + self._inference_s[: len(table), None]
        return time

    def _first_batch(self, load_s: float) -> Floats:
        """Least times [s] of a full batch that ends with request t and is worth at least p, shape (t, p from 0)."""
        time: Floats = np.maximum(load_s, self._tables.top) + self._inference_s[self.batch - 1]
        return time

    @cached_property
    def _tables(self) -> Tables:
        size = len(self.requests)
        top, rest = np.full((2, size, self.units + 1), np.inf)
        if self.most > self.batch:
            for t, table in zip(range(size), self._filled(range(size), self.batch)):
                before = np.maximum(np.arange(self.units + 1) - self.profit[t], 0)
                top[t] = table[self.batch - 1, before] + self.upload_s[t]
        for t, table in zip(range(size - 1, -2, -1), self._filled(range(size - 1, -1, -1), self.most)):
            if t >= 0 and self.most > self.batch:
                others = self.most - self.batch
                rest[t] = (table[1 : others + 1] + self._inference_s[:others, None]).min(axis=0)
        return Tables(table, top, rest)

    def _filled(self, order: range, most: int) -> Iterator[Floats]:
        """least(u, p) of none, of the first, of the first two .. of some requests; one table that changes."""
        table = np.full((most + 1, self.units + 1), np.inf)
        table[0, 0] = 0.0
        yield table
        for size, k in enumerate(order):
            self._add(table[: size + 2], k)
            yield table

    def _add(self, table: Floats, k: int) -> None:
        """One more request that may be among the u."""
        own, upload = min(self.profit[k], table.shape[1]), self.upload_s[k]
        low, high = table[:-1, :1] + upload, table[:-1, : table.shape[1] - own] + upload
        np.minimum(table[1:, :own], low, out=table[1:, :own])
        np.minimum(table[1:, own:], high, out=table[1:, own:])

    def _chosen(self, order: range, count: int, units: int) -> list[int]:
        """Positions of the requests that least(count, units) takes of some, in the order of the batch."""
        table = np.full((count + 1, units + 1), np.inf)
        table[0, 0] = 0.0
        taken = []
        for k in order:
            before = table.copy()
            self._add(table, k)
            taken.append(table < before)
        chosen = []
        for k, of in zip(reversed(order), reversed(taken)):
            if of[count, units]:
                chosen.append(self.requests[k])
                count, units = count - 1, max(units - self.profit[k], 0)
        return chosen


class Tables(NamedTuple):
    """What does not depend on loads, with at least p units at position p, from 0."""

    all: Floats
    """least(u, p) of all requests [s], shape (most + 1, U + 1)."""
    top: Floats
    """T_t(p) [s], shape (K', U + 1); infinite where one batch is enough."""
    rest: Floats
    """R_t(p) [s], shape (K', U + 1); infinite where one batch is enough."""


def costs(instance: Instance, profit: NDArray[np.int64], units: int, latest: float) -> dict[str, ByProfit]:
    """Costs of each model that can serve anybody of worth by ``latest`` deadlines; ``profit`` of shape (K,)."""
    columns, band = instance.arrays, instance.server.bandwidth_hz
    made = {}
    for name, everyone in able(instance).items():
        own = everyone[profit[everyone] > 0]
        if not len(own):
            continue
        model = instance.models[instance.model_index[name]]
        own = own[np.argsort(-columns.spectrum_load[own], kind="stable")]
        with np.errstate(over="ignore"):
            upload = columns.spectrum_load[own] / band
            q, count = largest_batch(instance, model, len(everyone)), np.arange(1, len(own) + 1)
            inference = -(-count // q) * model.batch_setup_s + count * model.batch_per_request_s
            share = (np.cumsum(upload[::-1]) + inference) / columns.deadline_s[0]
        most = int((share <= latest).sum())
        if most:
            worth = int(np.sort(profit[own])[-most:].sum())
            each = model.batch_setup_s, model.batch_per_request_s
            made[name] = ByProfit(
                own.tolist(), upload.tolist(), profit[own].tolist(), q, most, min(units, worth), *each
            )
    return made
