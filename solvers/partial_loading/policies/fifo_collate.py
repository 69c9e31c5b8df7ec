"""First in, first out, collated: requests for the model of the last slot come first, unless another waited too long.

A request has waited too long when half of the time from its arrival to its deadline has passed: then it goes first.
"""

from __future__ import annotations

import numpy as np

from partload.solvers.partial_loading.constructive.greedy import by_order
from partload.solvers.partial_loading.policies.policy import Policy
from partload.solvers.partial_loading.policies.server import Floats, OnlineServer, Rows

LONGEST_WAIT = 0.5
"""Part of the time from arrival to deadline."""


def order(server: OnlineServer, rows: Rows) -> Floats:
    """Those who waited too long, then those for the model of the last slot, then the others; each by arrival."""
    columns = server.columns
    arrival = columns.arrival_s[rows]
    too_long = server.now_s - arrival >= LONGEST_WAIT * (columns.deadline_s[rows] - arrival)
    group = np.where(too_long, 0.0, np.where(columns.model[rows] == server.current, 1.0, 2.0))
    return by_order(group, arrival)


METHOD = Policy(order)
run = METHOD.run
