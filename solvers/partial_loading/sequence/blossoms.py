"""Separation of blossom inequalities: models joined by pairs that the LP leaves open, and the pairs that leave them.

Any set H of models has a most violated choice of T: the pairs with one end in H that are used more than half, and if
their number is even, one pair more or less, the one nearest to a half. So only H has to be guessed: the connected parts
of the graph of pairs whose use lies between two thresholds.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from partload.solvers.partial_loading.sequence.legs import Flags
from partload.solvers.partial_loading.sequence.network import Floats, Network
from partload.solvers.partial_loading.sequence.rows import Row, blossom_cut

VIOLATION = 1e-3
"""Least violation of a cut that is worth adding."""
THRESHOLDS = (1e-6, 0.1, 0.2, 0.3, 0.4)
"""Distances from 0 and 1 from which a pair of models is open."""


def violated(network: Network, use: Floats) -> list[Row]:
    """Blossom inequalities that arcs used so often, shape (A,), violate; no set of models twice."""
    pairs: dict[tuple[int, int], float] = defaultdict(float)
    for arc in np.flatnonzero((use > 1e-9) & (network.tail < network.nodes)).tolist():
        tail, head = int(network.tail[arc]), int(network.head[arc])
        pairs[min(tail, head), max(tail, head)] += float(use[arc])
    visits = np.bincount(network.head, weights=use, minlength=network.nodes)
    found = []
    for handle in _handles(network.nodes, pairs):
        teeth = _teeth(handle, pairs)
        if len(teeth) < 3:
            continue
        inner = sum(value for (one, other), value in pairs.items() if one in handle and other in handle)
        left = inner + sum(pairs[pair] for pair in teeth)
        if left - float(visits[list(handle)].sum()) > (len(teeth) - 1) / 2 + VIOLATION:
            found.append(_row(network, handle, teeth))
    return found


def _handles(nodes: int, pairs: dict[tuple[int, int], float]) -> set[frozenset[int]]:
    """Connected parts of the graph of open pairs, for each threshold and both kinds of graph."""
    found: set[frozenset[int]] = set()
    for least in THRESHOLDS:
        for most in (1 - least, 2.0):
            group = {node: frozenset((node,)) for node in range(nodes)}
            for (one, other), value in pairs.items():
                if least < value < most and group[one] is not group[other]:
                    joined = group[one] | group[other]
                    group.update(dict.fromkeys(joined, joined))
            found |= {handle for handle in group.values() if len(handle) > 2}
    return found


def _teeth(handle: frozenset[int], pairs: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    """The best odd set of pairs with one end in a set of models."""
    leaving = [pair for pair in pairs if (pair[0] in handle) != (pair[1] in handle)]
    teeth = [pair for pair in leaving if pairs[pair] > 0.5]
    if len(teeth) % 2:
        return teeth
    nearest = min(leaving, key=lambda pair: abs(pairs[pair] - 0.5), default=None)
    if nearest is None:
        return []
    return [pair for pair in teeth if pair != nearest] if nearest in teeth else [*teeth, nearest]


def _row(network: Network, handle: frozenset[int], teeth: list[tuple[int, int]]) -> Row:
    inside = np.zeros(network.nodes, bool)
    inside[list(handle)] = True
    chosen: Flags = np.zeros(len(network.tail), bool)
    for one, other in teeth:
        chosen |= (network.tail == one) & (network.head == other)
        chosen |= (network.tail == other) & (network.head == one)
    return blossom_cut(network, inside, chosen)
