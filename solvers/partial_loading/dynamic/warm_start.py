"""A first plan from the Lagrangian bound: the visits of least cost at the multiplier, made to fit the deadline.

Clusters are taken in turn, the smallest first, each with its visits of least cost, as long as their times fit. Then
each visit serves as many more units as the time left allows. The plan is feasible up to rounding and proves nothing; it
gives the search a value to begin with.
"""

from __future__ import annotations

import math

import numpy as np

from partload.solvers.partial_loading.dynamic.sharing_clusters import Cluster, Member, Visit

ROUNDING = 1e-10
"""Relative error allowed for in times."""


def warm_start(clusters: list[Cluster], multiplier: float) -> list[Visit]:
    """The visits of a first plan; ``multiplier`` is mu, in deadlines per unit."""
    chosen: list[list[Visit]] = []
    left = 1.0
    for cluster in sorted(clusters, key=len):
        best = _least_cost_visits(cluster, multiplier)
        time = math.fsum(visit.time for visit in best if visit.units)
        if best and time <= left:
            chosen.append(best)
            left -= time
    visits = []
    for visit in (visit for part in chosen for visit in part):
        times, now = visit.member.times[visit.load_case], visit.time if visit.units else 0.0
        units = max(visit.units, int(np.searchsorted(times, (now + left) * (1 - ROUNDING), side="right")))
        if units:
            visits.append(visit._replace(units=units))
            left -= max(0.0, visits[-1].time - now)
    return visits


def _least_cost_visits(cluster: Cluster, multiplier: float) -> list[Visit]:
    """The visits of a cluster with the least cost: payers by increasing level, then followers by decreasing level.

    Followers without units are among them, since units may be added later. The list is empty where serving no request
    costs least.
    """
    followers = [_least_cost_visit(member, member.level, multiplier) for member in cluster]
    paths: list[tuple[float, list[int], list[Visit]]] = [(0.0, [], [])]
    """For each level, the least that payers up to it add to the cost; their positions and visits."""
    best: tuple[float, list[int], list[Visit], int] = (0.0, [], [], 0)
    follower_sum = 0.0
    for n, member in enumerate(cluster):
        follower_sum += followers[n][0]
        for level in range(member.level):
            cost, visit = _least_cost_visit(member, level, multiplier, least_units=1)
            path_cost = paths[level][0] + cost - followers[n][0]
            if member.level == len(paths):
                paths.append((math.inf, [], []))
            if path_cost < paths[member.level][0]:
                paths[member.level] = (path_cost, [*paths[level][1], n], [*paths[level][2], visit])
        if n + 1 == len(cluster) or cluster[n + 1].level > member.level:
            added, positions, payers = paths[member.level]
            if follower_sum + added < best[0]:
                best = follower_sum + added, positions, payers, n + 1
    _, positions, payers, end = best
    return payers + [followers[n][1] for n in range(end - 1, -1, -1) if n not in positions]


def _least_cost_visit(member: Member, load_case: int, multiplier: float, least_units: int = 0) -> tuple[float, Visit]:
    """The least cost of a visit with at least ``least_units`` units, 0 or 1, and the visit."""
    cost = member.times[load_case] - multiplier * np.arange(1, len(member.follower_time) + 1)
    units = int(cost.argmin()) + 1
    value = float(cost[units - 1])
    if least_units == 0 and value >= 0:
        return 0.0, Visit(member, load_case, 0)
    return value, Visit(member, load_case, units)
