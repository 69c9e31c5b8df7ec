"""Least slack first: next is the model of the request that has the least time to spare if it ran now and alone."""

from __future__ import annotations

from partload.solvers.partial_loading.policies.policy import Policy
from partload.solvers.partial_loading.policies.server import Floats, OnlineServer, Rows


def order(server: OnlineServer, rows: Rows) -> Floats:
    """Slack [s]: deadline less the end of the request alone, with the load that its model needs now."""
    slack: Floats = server.columns.deadline_s[rows] - server.alone_end_s(rows)
    return slack


METHOD = Policy(order, eviction="least-recent")
run = METHOD.run
