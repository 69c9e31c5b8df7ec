"""Bounds that are proofs: the Lagrangian relaxation of the master problem, for any prices at all.

Prices come from an LP solver, which is not believed. With a price lambda >= 0 of time and prices of the other rows, let
c_a be what an arc costs by these rows. A plan that the checker accepts ends by ``LATEST_END``, keeps every row, and
enters each model at most once, so it serves no more than

    lambda LATEST_END + sum over rows of (price x limit) + sum over models i of max(0, b_i),
    b_i = max over legs (a, v) into i of v - lambda t - c_a,

whatever the prices: weak duality, computed over all legs and not only those of the LP. Where so many models have to be
visited, every model costs nu more, and the sum grows by nu times that number.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.sequence.legs import Legs
from partload.solvers.partial_loading.sequence.network import Floats, Integers, Network
from partload.solvers.partial_loading.sequence.rows import Row

ROUNDING = 1e-9
"""Relative error allowed for in sums of terms; they have some thousand terms of a relative error of 1e-16 each."""


@dataclasses.dataclass(frozen=True)
class Prices:
    """Prices of the rows of the master problem; those of rows with one limit have its sign."""

    time: float
    """Price lambda, in units per deadline."""
    follow: Floats
    """Of leaving each model no more often than entering it, shape (N,), none negative."""
    start: float
    """Of leaving the start at most once, not negative."""
    rows: Floats
    """Of the other rows, shape (R,): positive ones are of the upper limit, negative ones of the lower."""


@dataclasses.dataclass(frozen=True)
class Demand:
    """What a part of the search tree asks of a plan."""

    least: Integers
    """0 or 1 for each model: 1 where it has to be visited, shape (N,)."""
    fewest: int
    """Fewest models visited."""
    most: int
    """Most models visited."""


@dataclasses.dataclass(frozen=True)
class Bound:
    """An upper bound on the units served, and what it leaves of each leg."""

    value: float
    leg: Floats
    """Value of each leg at the prices, shape (E,)."""
    loss: Floats
    """What is lost at least when a leg is used, shape (E,): no plan with the leg serves more than ``value - loss``."""


def arc_costs(network: Network, prices: Prices, rows: Sequence[Row]) -> Floats:
    """c_a, shape (A,)."""
    nodes = network.nodes
    leaving = np.concatenate((prices.follow, [0.0, prices.start]))
    cost: Floats = leaving[network.tail] - leaving[:nodes][network.head]
    for price, row in zip(prices.rows.tolist(), rows):
        if price:
            cost = cost + price * row.coefficient
    return cost


def leg_values(legs: Legs, price: float, cost: Floats) -> Floats:
    """Value v - lambda t - c_a of each leg, shape (E,)."""
    value: Floats = legs.count - price * legs.time - cost[legs.arc]
    return value


def bound(network: Network, legs: Legs, prices: Prices, rows: Sequence[Row], demand: Demand) -> Bound:
    """The bound at some prices; minus infinity where a model has to be visited that has no leg."""
    cost = arc_costs(network, prices, rows)
    value = leg_values(legs, prices.time, cost)
    into = network.head[legs.arc]
    best = np.full(network.nodes, -np.inf)
    starts = np.flatnonzero(np.diff(into, prepend=-1))
    if len(starts):
        best[into[starts]] = np.maximum.reduceat(value, starts)
    limits = [price * (row.upper if price > 0 else row.lower) for price, row in zip(prices.rows, rows) if price]
    visit = _price_of_visits(best, demand)
    if visit is None:
        return Bound(-math.inf, value, np.full(len(legs), np.inf))
    free = np.where(demand.least > 0, best - visit, np.maximum(best - visit, 0.0))
    terms = [prices.time * LATEST_END, prices.start, *limits, visit * (demand.most if visit > 0 else demand.fewest)]
    spread = network.nodes * (float(np.abs(prices.rows).sum()) + float(prices.follow.max(initial=0.0)))
    size = sum(map(abs, terms)) + float(np.abs(free).sum()) + spread + network.units
    total = sum(terms) + float(free.sum()) + ROUNDING * (1.0 + size)
    return Bound(total, value, free[into] - (value - visit))


def _price_of_visits(best: Floats, demand: Demand) -> float | None:
    """nu, at which the number of models worth visiting is within its limits; None where no plan is."""
    forced = demand.least > 0
    free = np.sort(best[~forced & np.isfinite(best)])[::-1]
    count = int(forced.sum())
    least, most = demand.fewest - count, demand.most - count
    if most < 0 or least > len(free) or np.isinf(best[forced]).any():
        return None
    wanted = int(np.count_nonzero(free > 0))
    if wanted > most:
        return float(free[most])
    if wanted < least:
        return float(free[least - 1])
    return 0.0
