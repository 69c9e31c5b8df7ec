"""Separation of subtour cuts: for each model, the least cut between the hub and the model in the LP's flow.

The inflow of model k can come from the hub only over a cut of at least that capacity; if the least cut is smaller, the
set S of models behind it violates the subtour cut of S and k. Capacities are the LP's arcs. The search for augmenting
paths runs backwards from k, and few arcs carry anything, so most flows are found within a few steps.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np

from partload.solvers.partial_loading.sequence.network import Floats, Network
from partload.solvers.partial_loading.sequence.rows import Row, subtour_cut

VIOLATION = 1e-4
"""Least violation of a cut that is worth adding."""
NOTHING = 1e-9
"""Flow below which an arc carries nothing."""


def violated(network: Network, use: Floats) -> list[Row]:
    """Subtour cuts that arcs used so often, shape (A,), violate; no set twice."""
    used = np.flatnonzero(use > NOTHING)
    tails = np.minimum(network.tail[used], network.hub)  # The start is one more way from outside.
    arcs = zip(tails.tolist(), network.head[used].tolist(), use[used].tolist())
    return [_row(network, inside, node) for inside, node in violated_sets(network.nodes, arcs).items()]


def violated_sets(nodes: int, arcs: Iterable[tuple[int, int, float]]) -> dict[frozenset[int], int]:
    """Sets of models that are entered less often than one of them, which is given for each set.

    Parameters
    ----------
    nodes
        N, the number of models: they are nodes 0, .., N - 1, and all that is outside of them is node N.
    arcs
        Tail, head, and how often the arc is used, above 0.
    """
    source = nodes
    before: list[dict[int, float]] = [{} for _ in range(nodes)]
    inflow = [0.0] * nodes
    for tail, head, flow in arcs:
        before[head][tail] = before[head].get(tail, 0.0) + flow
        inflow[head] += flow
    after: list[list[int]] = [[] for _ in range(nodes)]
    for head, tails_of in enumerate(before):
        for tail in tails_of:
            if tail != source:
                after[tail].append(head)
    found: dict[frozenset[int], int] = {}
    known: set[int] = set()
    for node in sorted(range(nodes), key=lambda node: -inflow[node]):
        if inflow[node] <= VIOLATION or node in known:
            continue
        inside = _least_cut(before, after, source, node, inflow[node] - VIOLATION)
        if inside is not None:
            found[frozenset(inside)] = node
            known |= inside
    return found


def _row(network: Network, inside: frozenset[int], node: int) -> Row:
    flags = np.zeros(network.nodes, dtype=bool)
    flags[list(inside)] = True
    return subtour_cut(network, flags, node)


def _least_cut(
    before: list[dict[int, float]], after: list[list[int]], source: int, sink: int, enough: float
) -> set[int] | None:
    """The models behind the least cut between the source and a sink; None where the flow is enough."""
    flow: dict[tuple[int, int], float] = {}
    total = 0.0
    while True:
        parent = {sink: sink}
        stack = [sink]
        while stack and source not in parent:
            head = stack.pop()
            for tail, capacity in before[head].items():
                if tail not in parent and capacity - flow.get((tail, head), 0.0) > NOTHING:
                    parent[tail] = head
                    stack.append(tail)
            for other in after[head]:  # What flows from here to there can be taken back.
                if other not in parent and flow.get((head, other), 0.0) > NOTHING:
                    parent[other] = head
                    stack.append(other)
        if source not in parent:
            return set(parent)
        path = [source]
        while path[-1] != sink:
            path.append(parent[path[-1]])
        steps = list(itertools.pairwise(path))
        amount = min(_residual(before, flow, tail, head) for tail, head in steps)
        for tail, head in steps:
            back = min(flow.get((head, tail), 0.0), amount)
            if back:
                flow[head, tail] -= back
            flow[tail, head] = flow.get((tail, head), 0.0) + amount - back
        total += amount
        if total >= enough:
            return None


def _residual(before: list[dict[int, float]], flow: dict[tuple[int, int], float], tail: int, head: int) -> float:
    return before[head].get(tail, 0.0) - flow.get((tail, head), 0.0) + flow.get((head, tail), 0.0)
