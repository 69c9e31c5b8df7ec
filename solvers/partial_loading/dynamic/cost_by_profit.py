"""Least times to serve requests of a model with a total profit of at least p (problems, facts 1 and 4).

A request has an upload time a_k and a profit, a whole number. Let upload(u, p) be the least upload time of u requests
with a total profit of at least p. It is a knapsack dynamic programme, request by request:

    upload(u, p) = min { upload(u, p), upload(u - 1, p - profit_k) + a_k }.

One batch with load L takes max(L, upload(u, p)) + alpha + beta u. A batch holds at most q requests. Of more requests,
the q with the largest uploads belong into the first batch, where they run while the model loads. Take all requests by
decreasing upload and let t be the last request of the first batch. Then the first batch is the best choice of q
requests among the first t with t among them, with upload time T_t(p), and the others are the best choice behind t, with
time R_t(p) in their batches:

    min_t min_p' max(L, T_t(p')) + R_t(p - p') + alpha + beta q

A profit beyond ``most_units`` counts as ``most_units``. Tables take O(K m U) for K requests, at most m of them in time,
and U units; joining the first batch with the others takes O(K U^2).
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
from partload.solvers.partial_loading.dynamic.sharing_clusters import servable_models

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class CostByProfit:
    """Least times of one model whose unit is a profit of 1; see ``VisitCosts``.

    It has the K' requests of the model with a profit above 0, by decreasing upload.
    """

    requests: list[int]
    """Their positions in the instance."""
    upload_s: list[float]
    """a_k / B."""
    profit: list[int]
    batch: int
    """q, the most requests in a batch."""
    most_requests: int
    """Most requests that can be in time."""
    most_units: int
    """U, the most units that are counted."""
    setup_s: float
    """alpha."""
    per_request_s: float
    """beta."""

    @property
    def work(self) -> float:
        """Estimated number of table entries computed for one load."""
        entries = float(len(self.requests)) * self.most_units
        joined = entries * self.most_units / 8 if self.most_requests > self.batch else 0.0
        return entries * self.most_requests + joined

    def times(self, load_s: float) -> Floats:
        """Least times [s] for at least 1, .., U units, shape (U,)."""
        time = self._one_batch(load_s).min(axis=0)
        if self.most_requests > self.batch:
            later, first = self._tables.later, self._first_batch(load_s)
            useful = (first[:, :-1] < first[:, 1:]).any(axis=0)  # More units in the same time dominate.
            for units in (*np.flatnonzero(useful).tolist(), self.most_units):
                joined = (first[:, units, None] + later[:, : self.most_units + 1 - units]).min(axis=0)
                np.minimum(time[units:], joined, out=time[units:])
        return time[1:]

    def batches(self, load_s: float, units: int) -> list[list[int]]:
        """Positions of the requests of each slot of the visit that takes the least time."""
        single = self._one_batch(load_s)[:, units]
        if self.most_requests > self.batch:
            several = self._first_batch(load_s)[:, : units + 1] + self._tables.later[:, units::-1]
            if several.min() < single.min():
                return self._several_batches(*divmod(int(several.argmin()), units + 1), units)
        return [self._chosen(range(len(self.requests)), 1 + int(single.argmin()), units)]

    def _several_batches(self, last: int, first_units: int, units: int) -> list[list[int]]:
        """Batches that serve ``units``: the first ends with request ``last`` and serves ``first_units``."""
        first = self._chosen(range(last), self.batch - 1, max(first_units - self.profit[last], 0))
        behind = range(len(self.requests) - 1, last, -1)
        *_, table = self._filled(behind, self.most_requests - self.batch)
        count = 1 + int((table[1:, units - first_units] + self._inference_s[: len(table) - 1]).argmin())
        later = self._chosen(behind, count, units - first_units)
        return [[*first, self.requests[last]], *(later[at : at + self.batch] for at in range(0, count, self.batch))]

    @cached_property
    def _inference_s(self) -> Floats:
        """ceil(u / q) alpha + beta u for u = 1, 2, .. requests."""
        count = np.arange(1, self.most_requests + 1)
        time: Floats = -(-count // self.batch) * self.setup_s + count * self.per_request_s
        return time

    def _one_batch(self, load_s: float) -> Floats:
        """Least times [s] of one batch of u requests with a profit of at least p, shape (u from 1, p from 0)."""
        table = self._tables.upload[1 : self.batch + 1]
        time: Floats = np.maximum(load_s, table) + self._inference_s[: len(table), None]
        return time

    def _first_batch(self, load_s: float) -> Floats:
        """Least times [s] of a full batch ending with request t, with a profit of at least p, shape (t, p from 0)."""
        time: Floats = np.maximum(load_s, self._tables.first) + self._inference_s[self.batch - 1]
        return time

    @cached_property
    def _tables(self) -> Tables:
        size = len(self.requests)
        first, later = np.full((2, size, self.most_units + 1), np.inf)
        if self.most_requests > self.batch:
            for t, table in zip(range(size), self._filled(range(size), self.batch)):
                before = np.maximum(np.arange(self.most_units + 1) - self.profit[t], 0)
                first[t] = table[self.batch - 1, before] + self.upload_s[t]
        for t, table in zip(range(size - 1, -2, -1), self._filled(range(size - 1, -1, -1), self.most_requests)):
            if t >= 0 and self.most_requests > self.batch:
                most = self.most_requests - self.batch
                later[t] = (table[1 : most + 1] + self._inference_s[:most, None]).min(axis=0)
        return Tables(table, first, later)

    def _filled(self, order: range, most: int) -> Iterator[Floats]:
        """upload(u, p) of none of some requests, of the first, of the first two, ..; one table, changed in place."""
        table = np.full((most + 1, self.most_units + 1), np.inf)
        table[0, 0] = 0.0
        yield table
        for size, k in enumerate(order):
            self._add(table[: size + 2], k)
            yield table

    def _add(self, table: Floats, k: int) -> None:
        """Let request k be among the u."""
        profit, upload = min(self.profit[k], table.shape[1]), self.upload_s[k]
        low, high = table[:-1, :1] + upload, table[:-1, : table.shape[1] - profit] + upload
        np.minimum(table[1:, :profit], low, out=table[1:, :profit])
        np.minimum(table[1:, profit:], high, out=table[1:, profit:])

    def _chosen(self, order: range, count: int, units: int) -> list[int]:
        """Positions of the requests behind upload(count, units) of some requests, by backtracking."""
        table = np.full((count + 1, units + 1), np.inf)
        table[0, 0] = 0.0
        taken = []
        for k in order:
            before = table.copy()
            self._add(table, k)
            taken.append(table < before)
        chosen = []
        for k, improved in zip(reversed(order), reversed(taken)):
            if improved[count, units]:
                chosen.append(self.requests[k])
                count, units = count - 1, max(units - self.profit[k], 0)
        return chosen


class Tables(NamedTuple):
    """Tables that do not depend on the load; position p, from 0, is for a profit of at least p."""

    upload: Floats
    """upload(u, p) of all requests [s], shape (most_requests + 1, U + 1)."""
    first: Floats
    """T_t(p) [s], shape (K', U + 1); infinite where one batch is enough."""
    later: Floats
    """R_t(p) [s], shape (K', U + 1); infinite where one batch is enough."""


def costs_by_model(
    instance: Instance, profit: NDArray[np.int64], most_units: int, latest: float
) -> dict[str, CostByProfit]:
    """Least times of each model that can serve a request with a profit by ``latest`` deadlines, by its id.

    Parameters
    ----------
    instance
        A supported instance with K requests.
    profit
        Profits of its requests, shape (K,).
    most_units
        Most units that any plan serves.
    latest
        When requests have to be served, in deadlines.
    """
    columns, band = instance.arrays, instance.server.bandwidth_hz
    costs = {}
    for name, positions in servable_models(instance).items():
        valued = positions[profit[positions] > 0]
        if not len(valued):
            continue
        model = instance.models[instance.model_index[name]]
        valued = valued[np.argsort(-columns.spectrum_load[valued], kind="stable")]
        with np.errstate(over="ignore"):
            upload = columns.spectrum_load[valued] / band
            q, count = largest_batch(instance, model, len(positions)), np.arange(1, len(valued) + 1)
            inference = -(-count // q) * model.batch_setup_s + count * model.batch_per_request_s
            share = (np.cumsum(upload[::-1]) + inference) / columns.deadline_s[0]
        most = int((share <= latest).sum())
        if most:
            costs[name] = CostByProfit(
                requests=valued.tolist(),
                upload_s=upload.tolist(),
                profit=profit[valued].tolist(),
                batch=q,
                most_requests=most,
                most_units=min(most_units, int(np.sort(profit[valued])[-most:].sum())),
                setup_s=model.batch_setup_s,
                per_request_s=model.batch_per_request_s,
            )
    return costs
