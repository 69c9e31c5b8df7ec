"""First in, first out: next is the model of the request that has waited longest, with all who wait for it."""

from __future__ import annotations

from partload.solvers.partial_loading.policies.policy import Policy
from partload.solvers.partial_loading.policies.server import Floats, OnlineServer, Rows


def order(server: OnlineServer, rows: Rows) -> Floats:
    """Arrival [s]."""
    return server.columns.arrival_s[rows]


METHOD = Policy(order)
run = METHOD.run
