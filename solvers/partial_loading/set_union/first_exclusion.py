"""A first set of elements to exclude: greedily by the weight lost per time, then better by destroying and repairing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partload.solvers.partial_loading.set_union.items import Floats, Items

Mask = NDArray[np.bool_]
ROUNDS = 1000
"""Times that a part of the set is destroyed and repaired."""
MOST_NUMBERS = 20_000_000
"""Items times elements times rounds: fewer rounds for larger instances."""
MOST_DESTROYED = 4
"""Most elements that are taken out of the set at once."""
AVOIDED = 0.1
"""Chance that an element may not come into the set in one repair."""


def first_exclusion(items: Items, asked: float, seed: int = 0) -> Mask:
    """Elements to exclude, shape (N,), which take a time of at least ``asked`` and need not be the best.

    Parameters
    ----------
    items
        Items and elements. All elements together take at least ``asked``.
    asked
        Time to be excluded, in deadlines.
    seed
        Of the random choices.
    """
    random = np.random.default_rng(seed)
    best = _repaired(items, asked, np.zeros(len(items.time), dtype=bool), np.ones(len(items.time), dtype=bool))
    least = _lost(items, best)
    rounds = min(ROUNDS, MOST_NUMBERS // max(items.uses.size, 1))
    for _ in range(rounds):
        inside = np.flatnonzero(best)
        if not len(inside):
            break
        tried = best.copy()
        tried[random.choice(inside, random.integers(1, min(MOST_DESTROYED, len(inside)) + 1), replace=False)] = False
        tried = _repaired(items, asked, tried, random.random(len(tried)) >= AVOIDED)
        lost = _lost(items, tried)
        if lost <= least:
            best, least = tried, lost
    return best


def _repaired(items: Items, asked: float, excluded: Mask, welcome: Mask) -> Mask:
    """Exclude more until there is enough, those of the least loss per useful time first; drop what is not needed."""
    excluded = excluded.copy()
    missing = asked - float(items.time[excluded].sum())
    while missing > 0:
        alive = items.left(excluded)
        loss: Floats = items.weight[alive] @ items.uses[alive]
        rate = loss / np.minimum(items.time, missing)
        among = ~excluded & welcome if (~excluded & welcome).any() else ~excluded
        if not among.any():
            break  # Rounding alone: everything is excluded.
        element = int(np.where(among, rate, np.inf).argmin())
        excluded[element] = True
        missing -= items.time[element]
    spare = -missing
    for element in np.flatnonzero(excluded)[np.argsort(items.time[excluded])].tolist():
        if items.time[element] <= spare:
            excluded[element] = False
            spare -= items.time[element]
    return excluded


def _lost(items: Items, excluded: Mask) -> float:
    return float(items.weight[~items.left(excluded)].sum())
