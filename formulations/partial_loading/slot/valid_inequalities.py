"""Valid inequalities of the formulations over slots: some optimal plan satisfies all of them.

Each function says why its inequality is valid, or names the property of ``SlotData`` with the proof. A benchmark leaves
out each in turn and measures its worth (``partload.benchmarks.slot``).
"""

from __future__ import annotations

from collections.abc import Collection

import pyomo.environ as pyo

from partload.formulations.partial_loading.request_model import add_better
from partload.formulations.partial_loading.slot import features
from partload.formulations.partial_loading.slot.data import SlotData
from partload.instances.features import by_feature

TIGHTENINGS = {
    "slots": "bound on the number of slots and on the end of each; without it one slot per request",
    "order": "serve the better of two requests of a model first",
    "merge": "one slot stands for a whole visit where that is no loss",
    "visit-time": "the time spent on each model is at least its loads and at least its uploads",
    "two-cycles": "between two models, not both the move from one to the other and the move back",
    "loaded-before": "every block of a visited model was loaded at some time, if not resident at time 0",
    "due-work": "requests due by a deadline take no more time than there is",
}
"""What can be added to the plain formulation. "slots" and "merge" reduce variables and slots; the others are here."""
REFORMULATIONS = ("merge",)
"""Those that do not only remove points: a slot with several batches is another variable, and its LP may be weaker."""


def tighten(m: pyo.ConcreteModel, data: SlotData, chosen: Collection[str]) -> None:
    """Add the chosen inequalities to a model, as far as they hold for its instance."""
    server = data.instance.server
    if not data.requests:
        return
    limited = features.visits(server).limited
    if "order" in chosen:
        _order(m, data)
    if "visit-time" in chosen and features.uplink(server).within_slot and not features.residency(server).keeps_blocks:
        _visit_time(m, data)
    if "two-cycles" in chosen and limited:
        _two_cycles(m, data)
    if "loaded-before" in chosen:
        _visited(m, limited)
        by_feature(LOADED_BEFORE, "residency", server.residency)(m, data)
    if "due-work" in chosen:
        _due_work(m, data)


def _order(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Of two requests of a model, the better one is served first (see ``SlotData.better``; problems, fact 3)."""
    add_better(m, data)
    m.better_first = pyo.Constraint(
        m.BETTER, rule=lambda m, p, k: m.served[p] >= m.served[k], doc="the better of two requests is served first"
    )


def _visit_time(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Over all its slots, a model takes at least its loads and at least its uploads; all models end by the deadline.

    Valid with uplink ``slotted``: a slot lasts from the end of the slot before it, and covers its load or its uploads,
    whichever is longer, and its inference. The times of different slots do not overlap.
    """
    batches = m.component("batches") or m.run
    m.visit_time = pyo.Var(m.MODELS, domain=pyo.NonNegativeReals, doc="time spent on model j [u]")
    m.visit_loads = pyo.Constraint(
        m.MODELS,
        rule=lambda m, j: (
            m.visit_time[j]
            >= sum(m.load_time[i, j] * m.move[n, i, j] for n in m.SLOTS for i in m.STATES)
            + sum(m.setup[j] * batches[n, j] for n in m.SLOTS)
            + sum(m.per_request[k] * m.served[k] for k in m.REQUESTS_OF[j])
        ),
        doc="time spent on a model: its loads",
    )
    if data.uploads_add_up:
        m.visit_uploads = pyo.Constraint(
            m.MODELS,
            rule=lambda m, j: (
                m.visit_time[j]
                >= sum(m.upload[k] * m.served[k] for k in m.REQUESTS_OF[j])
                + sum(m.setup[j] * batches[n, j] for n in m.SLOTS)
                + sum(m.per_request[k] * m.served[k] for k in m.REQUESTS_OF[j])
            ),
            doc="time spent on a model: its uploads",
        )
    m.all_visits = pyo.Constraint(
        rule=lambda m: sum(m.visit_time[i] for i in m.MODELS) <= m.last, doc="all visits end by the last deadline"
    )


def _two_cycles(m: pyo.ConcreteModel, data: SlotData) -> None:
    """With one visit per model, not both the move from i to j and the move from j to i.

    Valid: with both moves, one of the two models would be visited before and after the other. A model that is not
    visited has neither, so the right-hand side is the number of its visits.
    """
    m.PAIRS = pyo.Set(
        dimen=2,
        initialize=[(i, j) for i in data.models for j in data.models if i != j],
        doc="pairs of different models",
    )
    m.no_return = pyo.Constraint(
        m.PAIRS,
        rule=lambda m, i, j: (
            sum(m.move[n, i, j] + m.move[n, j, i] for n in m.SLOTS)
            <= sum(m.run[n, i] - m.move[n, i, i] for n in m.SLOTS)
        ),
        doc="not a move and the move back",
    )


def _visited(m: pyo.ConcreteModel, limited: bool) -> None:
    """Which models serve anybody; where visits are limited, each of them is entered once."""
    m.visited = pyo.Var(m.MODELS, bounds=(0, 1), doc="model j is visited")
    m.visited_model = pyo.Constraint(
        m.ASKS, rule=lambda m, k, i: m.served[k] <= m.visited[i], doc="who is served visits a model"
    )
    if limited:
        m.visited_by_entry = pyo.Constraint(
            m.MODELS,
            rule=lambda m, j: m.visited[j] >= sum(m.run[n, j] - m.move[n, j, j] for n in m.SLOTS),
            doc="who runs is visited",
        )


def _loaded_before_previous(m: pyo.ConcreteModel, data: SlotData) -> None:
    """A block is loaded on a move from a model without it to one with it; a visited model needs such a move.

    Without this a relaxation can move in a cycle among models that share a block, and never load the block. Blocks that
    belong to the same models give the same constraint, so each set of models appears once.
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
    m.GROUPS = pyo.Set(dimen=1, initialize=tuple(groups), doc="sets of models that share blocks")
    m.CROSSING = pyo.Set(m.GROUPS, dimen=2, initialize=crossing, doc="moves into the set g from outside of it")
    m.MEMBERS = pyo.Set(
        dimen=2,
        initialize=[(g, j) for g, group in groups.items() for j in data.models if j in group],
        doc="sets g (cached: blocks) with the models j that belong to them",
    )
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
    """A visited model's blocks were loaded in some slot, unless they were resident at time 0."""
    sets, initial = data.instance.block_sets, frozenset(data.instance.server.resident_blocks)
    m.MEMBERS = pyo.Set(
        dimen=2,
        initialize=[(b, j) for b in data.blocks if b not in initial for j in data.models if b in sets[j]],
        doc="sets g (cached: blocks) with the models j that belong to them",
    )
    m.loaded_before = pyo.Constraint(
        m.MEMBERS,
        rule=lambda m, b, j: sum(m.fetched[n, b] for n in m.SLOTS) >= m.visited[j],
        doc="a visited model's blocks were loaded",
    )


LOADED_BEFORE = {"previous": _loaded_before_previous, "cached": _loaded_before_cached}
"""The constraints of each residency."""


def _due_work(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Requests due by a deadline take no more time than there is until then.

    Valid: their inference is over by the deadline, and no two inferences overlap. With uplink ``slotted`` and flat
    channels their uploads are over too: a slot lasts at least as long as its uploads, one after another, and its
    inference (problems, fact 1).
    """
    ranks = list(enumerate(data.deadlines, start=1))
    uploads = features.uplink(data.instance.server).within_slot and data.uploads_add_up
    own = {k: data.per_request[k] + (data.upload[k] if uploads else 0.0) for k in data.requests}
    m.DEADLINES = pyo.Set(dimen=1, initialize=range(1, len(ranks) + 1), doc="deadlines, by their rank")
    m.due = pyo.Param(m.DEADLINES, initialize=dict(ranks), doc="deadlines, ascending [u]")
    m.DUE_BY = pyo.Set(
        m.DEADLINES,
        dimen=1,
        initialize={p: [k for k in own if data.deadline[k] <= due] for p, due in ranks},
        doc="requests due by the p-th deadline",
    )
    m.due_work = pyo.Param(m.REQUESTS, initialize=own, doc="time of its own that a request takes [u]")
    m.due_in_time = pyo.Constraint(
        m.DEADLINES,
        rule=lambda m, p: sum(m.due_work[k] * m.served[k] for k in m.DUE_BY[p]) <= m.due[p],
        doc="what is due by a deadline fits before it",
    )
