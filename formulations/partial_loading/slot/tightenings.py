"""What makes the slot formulation tight: constraints that some optimal plan satisfies, and every one worth its place.

Each has its reason beside it or where its data are made (``slot_data``). A benchmark leaves each out in turn and
measures what it brings.
"""

from __future__ import annotations

from collections.abc import Collection

import pyomo.environ as pyo

from partload.formulations.partial_loading.slot.data import SlotData

TIGHTENINGS = {
    "slots": "bound on the number of slots and on the end of each; without it one slot per request",
    "order": "serve the better of two requests of a model first",
    "merge": "one slot stands for a whole visit where that is no loss",
    "visit-time": "the time spent on each model is at least its loads and at least its uploads",
    "two-cycles": "no way there and back between two models",
    "loaded-before": "every block of a visited model was loaded at some time, if not resident at time 0",
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
    if "loaded-before" in chosen:
        _visited(m, server.visits)
        if server.residency == "previous":
            _loaded_before_previous(m, data)
        else:
            _loaded_before_cached(m, data)
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
    """Slots in a row that could be one are one (see ``SlotData.mergeable``)."""
    for i in data.models:
        if not data.stays[i]:
            for n in m.SLOTS:
                m.move[n, i, i].fix(0)


def _visit_time(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Over all its slots, a model takes at least its loads and at least its uploads; together they end in time."""
    batches = m.component("batches") or m.run
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
            + sum(m.setup[j] * batches[n, j] for n in m.SLOTS)
            + sum(m.asks[k, j] * m.per_request[k] * m.served[k] for k in m.REQUESTS)
        ),
        doc="time spent on a model: its loads",
    )
    m.visit_uploads = pyo.Constraint(
        m.MODELS if data.uploads_add_up else (),
        rule=lambda m, j: (
            m.visit_time[j]
            >= sum(m.asks[k, j] * m.upload[k] * m.served[k] for k in m.REQUESTS)
            + sum(m.setup[j] * batches[n, j] for n in m.SLOTS)
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


def _visited(m: pyo.ConcreteModel, visits: str) -> None:
    """Which models serve anybody; with visits ``once`` that is one entry each."""
    m.visited = pyo.Var(m.MODELS, bounds=(0, 1), doc="model j is visited")
    m.visited_model = pyo.Constraint(
        m.ASKS, rule=lambda m, k, i: m.served[k] <= m.visited[i], doc="who is served visits a model"
    )
    if visits == "once":
        m.visited_by_entry = pyo.Constraint(
            m.MODELS,
            rule=lambda m, j: m.visited[j] >= sum(m.run[n, j] - m.move[n, j, j] for n in m.SLOTS),
            doc="who runs is visited",
        )


def _loaded_before_previous(m: pyo.ConcreteModel, data: SlotData) -> None:
    """A block is loaded on a move from a model without it to one with it; a visited model needs such a move.

    Otherwise a relaxation may run in circles among models that share a block which it never loads. Blocks that belong
    to the same models say the same, so each set of models appears once.
    """
    sets, initial = data.instance.block_sets, frozenset(data.instance.server.resident_blocks)
    users = {
        frozenset(i for i in data.models if block in sets[i]): None
        for block in data.instance.block_sizes
        if block not in initial
    }
    groups = dict(enumerate((group for group in users if len(group) > 1), start=1))
    outside = {g: [i for i in (data.start, *data.models) if i not in group] for g, group in groups.items()}
    crossing = {g: [(i, j) for i in outside[g] for j in data.models if j in group] for g, group in groups.items()}
    m.GROUPS = pyo.Set(initialize=tuple(groups))
    m.CROSSING = pyo.Set(m.GROUPS, dimen=2, initialize=crossing)
    m.MEMBERS = pyo.Set(dimen=2, initialize=[(g, j) for g, group in groups.items() for j in data.models if j in group])
    m.way = pyo.Var(m.STATES, m.MODELS, domain=pyo.NonNegativeReals, doc="moves from i to j")
    m.entries = pyo.Var(m.GROUPS, domain=pyo.NonNegativeReals, doc="times that the blocks of group g are loaded")
    m.all_moves = pyo.Constraint(
        m.STATES, m.MODELS, rule=lambda m, i, j: m.way[i, j] == sum(m.move[n, i, j] for n in m.SLOTS), doc="moves"
    )
    m.all_entries = pyo.Constraint(
        m.GROUPS,
        rule=lambda m, g: m.entries[g] == sum(m.way[i, j] for i, j in m.CROSSING[g]),
        doc="loads of a group of blocks",
    )
    m.loaded_before = pyo.Constraint(
        m.MEMBERS, rule=lambda m, g, j: m.entries[g] >= m.visited[j], doc="a visited model's blocks were loaded"
    )


def _loaded_before_cached(m: pyo.ConcreteModel, data: SlotData) -> None:
    """The same where each block has variables of its own."""
    sets, initial = data.instance.block_sets, frozenset(data.instance.server.resident_blocks)
    m.MEMBERS = pyo.Set(
        dimen=2, initialize=[(b, j) for b in data.blocks if b not in initial for j in data.models if b in sets[j]]
    )
    m.loaded_before = pyo.Constraint(
        m.MEMBERS,
        rule=lambda m, b, j: sum(m.fetched[n, b] for n in m.SLOTS) >= m.visited[j],
        doc="a visited model's blocks were loaded",
    )


def _due_work(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Requests due by a deadline have been inferred by then, and uploaded in their own slots if slotted and flat."""
    ranks = list(enumerate(data.deadlines, start=1))
    uploads = data.instance.server.uplink == "slotted" and data.uploads_add_up
    own = {k: data.per_request[k] + (data.upload[k] if uploads else 0.0) for k in data.requests}
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
