"""Admission by predicted times: what cannot meet its deadline is refused at once, and the most urgent batch is next.

After the idea of Clockwork (Gujarati et al., Serving DNNs like Clockwork, OSDI 2020): inference times are predictable,
so a central scheduler runs only what will be in time. It is the idea alone: one GPU, no loads ahead of their slot. Each
model has one candidate, its largest batch in time by deadlines. Next is the one that has to start first.
"""

from __future__ import annotations

import numpy as np

from partload.solvers.partial_loading.constructive.greedy import by_order
from partload.solvers.partial_loading.policies.policy import Policy
from partload.solvers.partial_loading.policies.server import Floats, OnlineServer, Rows


def order(server: OnlineServer, rows: Rows) -> Floats:
    """Latest start [s] of the candidate of each model, then the deadline of each request."""
    columns = server.columns
    latest = np.full(len(server.instance.models), np.inf)
    by_deadline = rows[np.argsort(columns.deadline_s[rows], kind="stable")]
    for model in np.unique(columns.model[rows]).tolist():
        asked = by_deadline[columns.model[by_deadline] == model]
        if server.most[model]:
            batch = server.batch(asked)
            latest[model] = columns.deadline_s[batch].min() - server.takes_s(batch)
    return by_order(latest[columns.model[rows]], columns.deadline_s[rows])


METHOD = Policy(order, eviction="least-recent", refuses=True)
run = METHOD.run
