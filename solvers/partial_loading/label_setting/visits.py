"""All visits of one model that a plan may need: which requests, in which batches, and what they do to the clocks.

A visit finds two clocks: ``loaded``, when the GPU is free and the model is loaded, and ``free``, from when on its
uploads may run. With the slotted uplink that is the end of the slot before; with the pipelined one it is the end of all
uploads before. After some batches the clocks are

    end  = max(loaded + C, free + X, A),    sent = max(free + U, R),

and all deadlines are kept exactly where loaded <= G, free <= S and no arrival alone is too late. One more batch of
upload time u, inference time c, last arrival r and first deadline d changes these numbers to

    slotted     C + u + c, X + u + c, max(A, r) + u + c
    pipelined   C + c, max(X, U + u) + c, max(A, R') + c,   U + u,   R' = max(R, r) + u

and G and S to the least of what they were and d - C, d - X with the new C and X. Visits are made of subsets of the
requests, batch by batch. A visit is left out where another one serves the same requests and no number is worse.
"""

from __future__ import annotations

import dataclasses
import time

import numpy as np
from numpy.typing import NDArray

from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.memory import largest_batch

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
C, X, A, U, R, G, S = range(7)
"""Columns of numbers of a visit; G and S with their signs turned, so that less is better in all of them."""


@dataclasses.dataclass(frozen=True)
class Visits:
    """E visits of one model."""

    numbers: Floats
    """C, X, A, U, R, -G and -S [s], shape (E, 7)."""
    weight: Floats
    """Weight served, shape (E,)."""
    served: Integers
    """Requests served, a bit for each of the model's requests, shape (E,)."""
    batches: tuple[tuple[int, ...], ...]
    """The requests of each batch, as bits."""


@dataclasses.dataclass(frozen=True)
class Asking:
    """The n requests for one model that may be served, and all their subsets as possible batches, shape (2^n,)."""

    requests: Integers
    """Positions in the instance, shape (n,)."""
    due_s: Floats
    """Latest time at which a plan may serve each, shape (n,)."""
    slotted: bool
    increasing: bool
    """Whether the first deadline of each batch has to be later than that of the batch before."""
    allowed: Flags
    """Whether the subset is a batch at all, by its size."""
    upload: Floats
    run: Floats
    """Time of inference."""
    arrival: Floats
    """Last arrival."""
    due: Floats
    """First deadline."""
    weight: Floats
    closed: Flags
    """Whether a visit may serve the subset in all: with each request, those that are better than it in every way."""

    @classmethod
    def of(cls, instance: Instance, requests: Integers, due_s: Floats, weight: Floats) -> Asking:
        """All subsets of some requests for one model; ``due_s`` and ``weight`` are theirs."""
        columns, server, count = instance.arrays, instance.server, len(requests)
        model = instance.models[int(columns.model[requests[0]])]
        most = largest_batch(instance, model, count)
        sets = 1 << count
        upload, arrival, due, total, size = (np.zeros(sets) for _ in range(5))
        due[0] = np.inf
        alone = columns.alone_s(server.bandwidth_hz)[requests]
        for k in range(count):
            old, new = slice(0, 1 << k), slice(1 << k, 2 << k)
            upload[new] = upload[old] + alone[k]
            arrival[new] = np.maximum(arrival[old], columns.arrival_s[requests[k]])
            due[new] = np.minimum(due[old], due_s[k])
            total[new] = total[old] + weight[k]
            size[new] = size[old] + 1
        slotted = instance.server.uplink == "slotted"
        return cls(
            requests=requests,
            due_s=due_s,
            slotted=slotted,
            increasing=slotted and most >= count and not columns.arrival_s[requests].any(),
            allowed=(size > 0) & (size <= most),
            upload=upload,
            run=model.batch_setup_s + model.batch_per_request_s * size,
            arrival=arrival,
            due=due,
            weight=total,
            closed=_closed(np.column_stack((alone, -due_s, -weight, columns.arrival_s[requests])))
            if not instance.visits_rule.may_return
            else np.ones(sets, dtype=bool),
        )


def visits(asking: Asking, least_load_s: float, until: float | None) -> Visits:
    """All visits that may be in time after a load of at least so long; raises TimeoutError when the time is up."""
    sets = len(asking.due)
    fronts: list[list[tuple[Floats, tuple[int, ...]]]] = [[] for _ in range(sets)]
    every = np.flatnonzero(asking.allowed)
    _append(asking, fronts, 0, np.zeros(7), (), every, least_load_s)
    kept: list[tuple[Floats, tuple[int, ...], int]] = []
    # A batch serves somebody new, so the number of the set of those served grows.
    for served in range(1, sets):
        if not fronts[served]:
            continue
        if until is not None and time.perf_counter() > until:
            raise TimeoutError
        rows = np.array([row for row, _ in fronts[served]])
        front = [fronts[served][place] for place in nondominated(rows)]
        fronts[served] = []
        if asking.closed[served]:
            kept += [(row, batches, served) for row, batches in front]
        following = every[(every & served) == 0]
        for row, batches in front:
            later = following[asking.due[following] > asking.due[batches[-1]]] if asking.increasing else following
            if len(later):
                _append(asking, fronts, served, row, batches, later, least_load_s)
    masks = np.array([served for _, _, served in kept], dtype=np.int64)
    return Visits(
        numbers=np.array([row for row, _, _ in kept]).reshape(-1, 7),
        weight=asking.weight[masks],
        served=masks,
        batches=tuple(batches for _, batches, _ in kept),
    )


def _append(
    asking: Asking,
    fronts: list[list[tuple[Floats, tuple[int, ...]]]],
    served: int,
    row: Floats,
    batches: tuple[int, ...],
    later: Integers,
    least_load_s: float,
) -> None:
    """Append each of some batches to a visit, or begin one, and keep those that may be in time."""
    upload, run, due = asking.upload[later], asking.run[later], asking.due[later]
    arrival = asking.arrival[later]
    new = np.empty((len(later), 7))
    with np.errstate(over="ignore"):
        if not batches:
            new[:, C], new[:, X] = run, upload + run
            new[:, A] = arrival + upload + run
        elif asking.slotted:
            new[:, C], new[:, X] = row[C] + upload + run, row[X] + upload + run
            new[:, A] = np.maximum(row[A], arrival) + upload + run
        new[:, U] = 0.0 if asking.slotted else row[U] + upload
        new[:, R] = 0.0 if asking.slotted else np.maximum(row[R], arrival) + upload
        if batches and not asking.slotted:
            new[:, C] = row[C] + run
            new[:, X] = np.maximum(row[X], new[:, U]) + run
            new[:, A] = np.maximum(row[A], new[:, R]) + run
        new[:, G], new[:, S] = new[:, C] - due, new[:, X] - due
        if batches:
            new[:, G], new[:, S] = np.maximum(new[:, G], row[G]), np.maximum(new[:, S], row[S])
    in_time = (new[:, A] <= due) & (-new[:, G] >= least_load_s) & (new[:, S] <= 0)
    for place in np.flatnonzero(in_time).tolist():
        batch = int(later[place])
        fronts[served | batch].append((new[place], (*batches, batch)))


def nondominated(rows: Floats) -> list[int]:
    """Positions of the rows, shape (n, m), that no other row undercuts in every column; of equal rows, one."""
    if len(rows) == 1:
        return [0]
    order = np.lexsort(rows.T[::-1])
    front = np.empty_like(rows)
    kept: list[int] = []
    for place in order.tolist():
        row = rows[place]
        if not (front[: len(kept)] <= row).all(axis=1).any():
            front[len(kept)] = row
            kept.append(place)
    return kept


def _closed(rows: Floats) -> Flags:
    """For each subset, whether it has with each request those that undercut it in every column; ties by position.

    Serving the better request in place of the other changes no time for the worse. So a plan that serves the other
    and not the better one is not needed.
    """
    count = len(rows)
    masks = np.arange(1 << count)
    closed = np.ones(1 << count, dtype=bool)
    for k in range(count):
        for j in range(count):
            if (rows[k] <= rows[j]).all() and ((rows[k] < rows[j]).any() or k < j):
                closed &= ((masks >> j) & 1 == 0) | ((masks >> k) & 1 == 1)
    return closed
