"""Legs: (predecessor, model, visit), each with what it does to the two clocks. They are the steps of labels.

The load of model i after p depends on the blocks that p leaves in memory and on nothing else. Predecessors after which
i takes the same load share their legs. From end_{n-1} and sent_{n-1}, a leg of load L ends with

    slotted     end = max(end + max(L + C, X), A)                     begins by min(G - L, S)
    pipelined   end = max(end + L + C, sent + X, A),   sent = max(sent + U, R),   begins by G - L and S

in the numbers of its visit. A leg *takes* bits, and a plan takes each bit once: with visits ``once`` the bit of the
model, with ``any`` the bits of the requests served.

Times are compared with deadlines that are later by ``LATEST_END``, so each plan that the checker accepts is a path of
legs. The clock and the checker judge the plan of a path.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.instances.partial_loading.horizon import horizon_s
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.memory import largest_batch
from partload.instances.partial_loading.plan import Plan, Slot
from partload.solvers.partial_loading.label_setting.visits import (
    A,
    Asking,
    C,
    Floats,
    G,
    Integers,
    R,
    S,
    U,
    Visits,
    X,
    nondominated,
    visits,
)

Bits = NDArray[np.uint64]
MOST_BITS = 64


@dataclasses.dataclass(frozen=True)
class Legs:
    """E legs, sorted by group; columns have shape (E,). N models that can serve somebody are nodes 0, .., N - 1."""

    instance: Instance
    nodes: int
    """N; the empty plan is at node N."""
    bits: int
    """How many bits there are."""
    group: Integers
    """Group of the legs from node p to node i, shape (N + 1, N); -1 where there are none."""
    first: Integers
    """First leg of each group and, at the end, E."""
    head: Integers
    """Node of the model."""
    after_end: Floats
    """From end_{n-1} to the end [s]."""
    after_sent: Floats
    """From sent_{n-1} to the end [s]; minus infinity with the slotted uplink."""
    end: Floats
    """Earliest end, whatever came before [s]."""
    upload: Floats
    """From sent_{n-1} to sent_n [s]."""
    sent: Floats
    """Earliest sent_n, whatever came before [s]."""
    latest_end: Floats
    """Latest end_{n-1} [s]."""
    latest_sent: Floats
    """Latest sent_{n-1} [s]."""
    weight: Floats
    """In units."""
    takes: Bits
    batches: tuple[tuple[tuple[int, ...], ...], ...]
    """Of each leg, the positions of the requests of each batch."""
    horizon_s: float
    """Time by which all legs end."""

    def __len__(self) -> int:
        return len(self.head)

    def plan(self, path: list[int]) -> Plan:
        """The plan of a path of legs."""
        requests = self.instance.requests
        return tuple(
            Slot(requests[batch[0]].model, tuple(requests[k].id for k in batch))
            for leg in path
            for batch in self.batches[leg]
        )


def servable(instance: Instance, late: float) -> tuple[Floats, list[Integers]]:
    """Latest time to serve each request, shape (K,), and for each model the requests that may be served alone."""
    columns, server = instance.arrays, instance.server
    due = np.minimum(columns.deadline_s, horizon_s(instance)) * late
    setup = np.array([model.batch_setup_s + model.batch_per_request_s for model in instance.models], dtype=float)
    with np.errstate(over="ignore"):
        soonest = columns.arrival_s + columns.alone_s(server.bandwidth_hz) + setup[columns.model]
    possible = soonest <= due
    asking = []
    for number, model in enumerate(instance.models):
        own = np.flatnonzero(possible & (columns.model == number))
        asking.append(own if len(own) and largest_batch(instance, model, 1) else own[:0])
    return due, asking


def legs(instance: Instance, weight: Floats, late: float, until: float | None) -> Legs:
    """All legs of an instance whose deadlines are later by a factor; raises TimeoutError when the time is up.

    ``weight`` is that of each request in units, shape (K,).
    """
    due, asking = servable(instance, late)
    loads = _loads(instance)
    models: list[int] = []
    made: list[tuple[Integers, Visits]] = []
    for model, own in enumerate(asking):
        if len(own):
            least = float(np.delete(loads[:, model], model).min())
            found = visits(Asking.of(instance, own, due[own], weight[own]), least, until)
            if len(found.weight):
                models.append(model)
                made.append((own, found))
    return _joined(instance, loads[np.ix_([*models, len(instance.models)], models)], made, float(due.max(initial=0.0)))


def _loads(instance: Instance) -> Floats:
    """Load [s] of each model after each model and, in the last row, at time 0."""
    server = instance.server
    needs = [instance.block_sets[model.id] for model in instance.models]
    known: dict[frozenset[str], float] = {frozenset(): 0.0}

    def load_s(missing: frozenset[str]) -> float:
        if missing not in known:
            known[missing] = server.load_latency_s + instance.size_of(missing) / server.load_rate_bytes_per_s
        return known[missing]

    return np.array([[load_s(need - kept) for need in needs] for kept in (*needs, frozenset(server.resident_blocks))])


def _joined(instance: Instance, loads: Floats, made: list[tuple[Integers, Visits]], horizon: float) -> Legs:
    """Legs of each model and each load that it may take, from its visits."""
    nodes, slotted = len(made), instance.server.uplink == "slotted"
    once = not instance.visits_rule.may_return
    group = np.full((nodes + 1, nodes), -1, dtype=np.int64)
    first, heads, rows, takes, batches = [0], [], [], [], []
    bit = 0
    for node, (requests, own) in enumerate(made):
        taken = np.full(len(own.served), 1, dtype=np.uint64) if once else own.served.astype(np.uint64)
        taken <<= np.uint64(bit)
        bit += 1 if once else len(requests)
        named = [tuple(tuple(requests[_ones(batch)].tolist()) for batch in visit) for visit in own.batches]
        others = np.delete(np.arange(nodes + 1), node)
        for load in sorted(set(loads[others, node].tolist())):
            numbers = _columns(own, load, slotted)
            kept = np.flatnonzero((numbers[:, 5] >= 0) & (numbers[:, 6] >= 0))
            if once and len(kept):
                less = np.column_stack((-numbers[kept, 7], numbers[kept, :5], -numbers[kept, 5:7]))
                kept = kept[nondominated(less)]
            if not len(kept):
                continue
            group[[p for p in others if loads[p, node] == load], node] = len(first) - 1
            first.append(first[-1] + len(kept))
            heads.append(np.full(len(kept), node))
            rows.append(numbers[kept])
            takes.append(taken[kept])
            batches += [named[place] for place in kept.tolist()]
    table = np.concatenate(rows) if rows else np.zeros((0, 8))
    after_end, after_sent, end, upload, sent, latest_end, latest_sent, weight = np.ascontiguousarray(table.T)
    return Legs(
        instance=instance,
        nodes=nodes,
        bits=bit,
        group=group,
        first=np.array(first),
        head=np.concatenate(heads) if heads else np.zeros(0, np.int64),
        after_end=after_end,
        after_sent=after_sent,
        end=end,
        upload=upload,
        sent=sent,
        latest_end=latest_end,
        latest_sent=latest_sent,
        weight=weight,
        takes=np.concatenate(takes) if takes else np.zeros(0, np.uint64),
        batches=tuple(batches),
        horizon_s=horizon or 1.0,  # Where nothing takes any time.
    )


def _columns(own: Visits, load: float, slotted: bool) -> Floats:
    """The columns of the legs of some visits after a load, in the order of ``Legs``, shape (E, 8)."""
    numbers = own.numbers
    none = np.full(len(numbers), -np.inf)
    with np.errstate(over="ignore"):
        after, latest = load + numbers[:, C], -numbers[:, G] - load
    if slotted:
        after, latest = np.maximum(after, numbers[:, X]), np.minimum(latest, -numbers[:, S])
    return np.column_stack(
        (
            after,
            none if slotted else numbers[:, X],
            numbers[:, A],
            numbers[:, U],
            numbers[:, R],
            latest,
            -none if slotted else -numbers[:, S],
            own.weight,
        )
    )


def _ones(bits: int) -> list[int]:
    return [place for place in range(bits.bit_length()) if bits >> place & 1]


def most_compositions(instance: Instance, late: float) -> tuple[int, int]:
    """How many subsets and batches it takes to list all visits, and how many bits there are."""
    due, asking = servable(instance, late)
    once, columns = not instance.visits_rule.may_return, instance.arrays
    count = bits = 0
    for model, own in enumerate(asking):
        if not len(own):
            continue
        one_batch = (
            instance.server.uplink == "slotted"
            and not columns.arrival_s[own].any()
            and not np.ptp(due[own])
            and largest_batch(instance, instance.models[model], len(own)) == len(own)
        )
        count += (2 if one_batch else 3) ** len(own)
        bits += 1 if once else len(own)
    return count, bits
