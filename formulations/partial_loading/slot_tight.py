"""What makes the slot formulation tight: constraints that some optimal plan satisfies, and every one worth its place.

Each has its reason beside it or where its data are made (``slot_data``). A benchmark leaves each out in turn and
measures what it brings.
"""

from __future__ import annotations

from collections.abc import Collection

import pyomo.environ as pyo

from formulations.partial_loading.slot_data import SlotData

TIGHTENINGS = {
    "slots": "bound on the number of slots and on the end of each; without it one slot per request",
    "order": "serve the better of two requests of a model first",
    "merge": "no two slots of a model in a row where one would do; full batches first",
    "visit-time": "the time spent on each model is at least its loads and at least its uploads",
    "two-cycles": "no way there and back between two models",
    "due-work": "requests due by a deadline take no more time than there is",
}
"""What is added to the plain formulation; a benchmark leaves each out to see what it is worth."""


def tighten_slots(m: pyo.ConcreteModel, data: SlotData, chosen: Collection[str]) -> None:
    """Add the chosen ``TIGHTENINGS`` to a slot model, as far as they hold for its instance."""
    server = data.instance.server
    if not data.requests:
        return
    if "slots" in chosen:
        _forbid_late(m, data)
    if "order" in chosen:
        _order(m, data)
    if "merge" in chosen:
        _merge(m, data)
    if "visit-time" in chosen and (server.residency, server.uplink) == ("previous", "slotted"):
        _visit_time(m, data)
    if "two-cycles" in chosen and server.visits == "once":
        _two_cycles(m, data)
    if "due-work" in chosen:
        _due_work(m, data)


def _forbid_late(m: pyo.ConcreteModel, data: SlotData) -> None:
    """A request is not offered a slot that cannot end by its deadline (see ``SlotData.soonest_end``)."""
    for n in m.SLOTS:
        for k in m.REQUESTS:
            if data.soonest_end[n - 1] > data.deadline[k]:
                m.serve[n, k].fix(0)


def _order(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Of two requests of a model, the better one is served first (see ``SlotData.better``; problems, fact 3)."""
    m.BETTER = pyo.Set(dimen=2, initialize=data.better)
    m.better_first = pyo.Constraint(
        m.BETTER, rule=lambda m, p, k: m.served[p] >= m.served[k], doc="the better of two requests is served first"
    )


def _merge(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Slots in a row that could be one are one (see ``SlotData.mergeable``), and full before the next one starts.

    Full first: moving a request from a slot to the one before it, of the same visit, does not delay the end of the
    later one, because its upload now may hide behind the load (problems, fact 4).
    """
    for i in data.models:
        if not data.stays[i]:
            for n in m.SLOTS:
                m.move[n, i, i].fix(0)
    m.full_batch = pyo.Param(
        m.MODELS,
        initialize={i: data.largest_batch[i] if data.mergeable[i] else 1 for i in data.models},
        doc="requests in a slot before the visit goes on",
    )
    m.NEXT = pyo.Set(initialize=range(2, len(m.SLOTS) + 1))
    m.full_first = pyo.Constraint(
        m.NEXT,
        rule=lambda m, n: (
            sum(m.serve[n - 1, k] for k in m.REQUESTS) >= sum(m.full_batch[i] * m.move[n, i, i] for i in m.MODELS)
        ),
        doc="a batch is full before the visit goes on",
    )


def _visit_time(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Over all its slots, a model takes at least its loads and at least its uploads; together they end in time."""
    m.visit_time = pyo.Var(m.MODELS, domain=pyo.NonNegativeReals, doc="time spent on model i")
    m.asks = pyo.Param(
        m.REQUESTS,
        m.MODELS,
        initialize={(k, i): int(data.model_of[k] == i) for k in data.requests for i in data.models},
        doc="1 if the request asks for the model",
    )
    m.visit_loads = pyo.Constraint(
        m.MODELS,
        rule=lambda m, j: (
            m.visit_time[j]
            >= sum(m.load_time[i, j] * m.move[n, i, j] for n in m.SLOTS for i in m.STATES)
            + sum(m.setup[j] * m.run[n, j] for n in m.SLOTS)
            + sum(m.asks[k, j] * m.per_request[k] * m.served[k] for k in m.REQUESTS)
        ),
        doc="time spent on a model: its loads",
    )
    m.visit_uploads = pyo.Constraint(
        m.MODELS,
        rule=lambda m, j: (
            m.visit_time[j]
            >= sum(m.asks[k, j] * m.upload[k] * m.served[k] for k in m.REQUESTS)
            + sum(m.setup[j] * m.run[n, j] for n in m.SLOTS)
            + sum(m.asks[k, j] * m.per_request[k] * m.served[k] for k in m.REQUESTS)
        ),
        doc="time spent on a model: its uploads",
    )
    m.all_visits = pyo.Constraint(
        rule=lambda m: sum(m.visit_time[i] for i in m.MODELS) <= m.last, doc="all visits end by the last deadline"
    )


def _two_cycles(m: pyo.ConcreteModel, data: SlotData) -> None:
    """With one visit per model, a way from i to j and one back cannot both be taken."""
    m.PAIRS = pyo.Set(dimen=2, initialize=[(i, j) for i in data.models for j in data.models if i != j])
    m.no_return = pyo.Constraint(
        m.PAIRS,
        rule=lambda m, i, j: (
            sum(m.move[n, i, j] + m.move[n, j, i] for n in m.SLOTS)
            <= sum(m.run[n, i] - m.move[n, i, i] for n in m.SLOTS)
        ),
        doc="no way there and back",
    )


def _due_work(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Requests due at or before a deadline have been inferred by then, and uploaded in their own slots if slotted."""
    ranks = list(enumerate(data.deadlines, start=1))
    slotted = data.instance.server.uplink == "slotted"
    own = {k: data.per_request[k] + (data.upload[k] if slotted else 0.0) for k in data.requests}
    m.DEADLINES = pyo.Set(initialize=range(1, len(ranks) + 1))
    m.due = pyo.Param(m.DEADLINES, initialize=dict(ranks), doc="deadlines, ascending")
    m.due_work = pyo.Param(
        m.DEADLINES,
        m.REQUESTS,
        initialize={(p, k): own[k] if data.deadline[k] <= due else 0.0 for p, due in ranks for k in data.requests},
        doc="time of its own that a request due by then takes",
    )
    m.due_in_time = pyo.Constraint(
        m.DEADLINES,
        rule=lambda m, p: sum(m.due_work[p, k] * m.served[k] for k in m.REQUESTS) <= m.due[p],
        doc="what is due by a deadline fits before it",
    )
