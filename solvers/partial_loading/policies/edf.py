"""Earliest deadline first, online: next is the model of the request that is due first among those that wait."""

from __future__ import annotations

from partload.solvers.partial_loading.policies.policy import Policy
from partload.solvers.partial_loading.policies.server import Floats, OnlineServer, Rows


def order(server: OnlineServer, rows: Rows) -> Floats:
    """Deadline [s]."""
    return server.columns.deadline_s[rows]


METHOD = Policy(order, eviction="least-recent")
run = METHOD.run
