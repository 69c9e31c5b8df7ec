"""A first plan: what is best at the price at which time and units balance, as far as it fits; then what else does."""

from __future__ import annotations

import math

import numpy as np

from partload.solvers.partial_loading.dynamic.sharing_clusters import Cluster, Member, Visit

ROUNDING = 1e-10
"""Relative error allowed for in times."""


def first_visits(clusters: list[Cluster], price: float) -> list[Visit]:
    """What is best at a price, and fits; then whatever else does, the shortest additions first."""
    chosen: list[list[Visit]] = []
    left = 1.0
    for cluster in sorted(clusters, key=len):
        best = _best_at(cluster, price)
        took = math.fsum(visit.time for visit in best if visit.units)
        if best and took <= left:
            chosen.append(best)
            left -= took
    visits = []
    for visit in (visit for part in chosen for visit in part):
        curve, now = visit.member.times[visit.way], visit.time if visit.units else 0.0
        more = max(visit.units, int(np.searchsorted(curve, (now + left) * (1 - ROUNDING), side="right")))
        if more:
            visits.append(visit._replace(units=more))
            left -= max(0.0, visits[-1].time - now)
    return visits


def _best_at(cluster: Cluster, price: float) -> list[Visit]:
    """Visits of a cluster that cost least at a price, payers by level and then the others, also those with no units.

    None if that is better.
    """
    follows = [_cheapest(member, member.level, price) for member in cluster]
    paths: list[tuple[float, list[int], list[Visit]]] = [(0.0, [], [])]
    """For each level, the least that its payer and those before add; their positions and visits."""
    best: tuple[float, list[int], list[Visit], int] = (0.0, [], [], 0)
    sums = 0.0
    for n, member in enumerate(cluster):
        sums += follows[n][0]
        for way in range(member.level):
            cost, visit = _cheapest(member, way, price, least=1)
            whole = paths[way][0] + cost - follows[n][0]
            if member.level == len(paths):
                paths.append((math.inf, [], []))
            if whole < paths[member.level][0]:
                paths[member.level] = (whole, [*paths[way][1], n], [*paths[way][2], visit])
        if n + 1 == len(cluster) or cluster[n + 1].level > member.level:
            added, positions, payers = paths[member.level]
            if sums + added < best[0]:
                best = sums + added, positions, payers, n + 1
    _, positions, payers, end = best
    return payers + [follows[n][1] for n in range(end - 1, -1, -1) if n not in positions]


def _cheapest(member: Member, way: int, price: float, least: int = 0) -> tuple[float, Visit]:
    """The least cost of a visit at a price, of at least some units, and the visit."""
    cost = member.times[way] - price * np.arange(1, len(member.follow) + 1)
    units = int(cost.argmin()) + 1
    value = float(cost[units - 1])
    if least == 0 and value >= 0:
        return 0.0, Visit(member, way, 0)
    return value, Visit(member, way, units)
