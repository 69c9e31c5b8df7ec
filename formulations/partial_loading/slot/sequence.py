"""What every formulation over slots shares: who is served where, in which order, by when; and how to read it off.

The formulations differ in how they divide the band, and so in when a slot is ready: that is in their own files.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pyomo.environ as pyo

from partload.formulations.cuts import Served
from partload.formulations.model_size import refuse_giants
from partload.formulations.partial_loading.slot.batches import joined, limit_batches, split
from partload.formulations.partial_loading.slot.data import SlotData
from partload.formulations.partial_loading.slot.loads import load_cached, load_previous
from partload.formulations.partial_loading.slot.tightenings import tighten_slots
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.static import decided


def sequence_of_slots(data: SlotData, tightenings: Collection[str], per_request: int = 1) -> pyo.ConcreteModel:
    """The model without its uplink: slots, loads, batches, deadlines, and the weight served as the objective.

    Parameters
    ----------
    data
        The instance and its room.
    tightenings
        Keys of ``TIGHTENINGS`` to use.
    per_request
        Variables and constraints that the formulation has for a request in a slot, to tell how large it will be.

    Raises
    ------
    InputError
        When the model would have more than ``MOST_PARTS`` variables and constraints.
    """
    instance = data.instance
    slots = len(data.soonest_end) if "slots" in tightenings else len(data.requests)
    models, requests = len(data.models), len(data.requests)
    parts = slots * (models * (models + 2) + per_request * requests + 2 * len(instance.blocks))
    refuse_giants(instance, parts, "a formulation over the slots")
    model = pyo.ConcreteModel(name=instance.name)
    model.data = data
    _sets_and_parameters(model, data, slots)
    _service(model, data)
    _sequence(model, instance.server.visits)
    if instance.server.residency == "previous":
        load_previous(model, data)
    else:
        load_cached(model, data)
    model.end = pyo.Var(model.POINTS, domain=pyo.NonNegativeReals, doc="end of slot n")
    model.end[0].fix(0)
    limit_batches(model, data)
    model.after_load = pyo.Constraint(
        model.SLOTS,
        rule=lambda m, n: m.end[n] >= m.end[n - 1] + m.loading[n] + m.inference[n],
        doc="inference follows the load",
    )
    _deadlines(model, data)
    tighten_slots(model, data, tightenings)
    model.weight_served = pyo.Objective(
        rule=lambda m: sum(m.weight[k] * m.served[k] for k in m.REQUESTS),
        sense=pyo.maximize,
        doc="the weight of the requests served",
    )
    return model


def extract(model: pyo.ConcreteModel) -> Plan:
    """The plan that the values of the variables describe; nothing is trusted before the checker has seen it.

    Only decisions about slots are read. Bandwidths, where they are variables, are right up to a solver's tolerance; the
    best ones for these slots are known in closed form: those of the clock and, static, the least ones.
    """
    data: SlotData = model.data
    cached = data.instance.server.residency == "cached"
    plan: list[Slot] = []
    for n in model.SLOTS:
        requests = tuple(k for k in model.REQUESTS if model.serve[n, k].value > 0.5)
        if requests:
            kept = [b for b in model.BLOCKS if model.resident[n, b].value > 0.5] if cached else []
            resident = frozenset(block for first in kept for block in data.blocks[first]) if cached else None
            plan += split(data, Slot(data.model_of[requests[0]], requests, resident))
    return decided(data.instance, tuple(plan))


def served(model: pyo.ConcreteModel) -> Served:
    """Whether each usable request is served."""
    return {k: model.served[k] for k in model.REQUESTS}


def forbid(model: pyo.ConcreteModel, plan: Plan) -> None:
    """Exclude every plan that begins like this one, which ends late or overfills memory in its last slot.

    Serving more requests in these slots is excluded too: uploads, inference and activations only grow. With ``cached``
    residency what is kept is part of the beginning.
    """
    start: list[Any] = []
    for n, slot in enumerate(joined(model.data, plan), start=1):
        start.append(1 - model.run[n, slot.model])
        start += [1 - model.serve[n, request] for request in slot.requests]
        if slot.resident_blocks is not None:
            kept = {b: b in slot.resident_blocks for b in model.BLOCKS}
            start += [1 - model.resident[n, b] if kept[b] else model.resident[n, b] for b in model.BLOCKS]
    if model.component("forbidden") is None:
        model.forbidden = pyo.ConstraintList(doc="plans that only seemed feasible")
    model.forbidden.add(sum(start) >= 1)


def _sets_and_parameters(m: pyo.ConcreteModel, data: SlotData, slots: int) -> None:
    m.SLOTS = pyo.Set(initialize=range(1, slots + 1))
    m.POINTS = pyo.Set(initialize=range(slots + 1))
    m.MODELS = pyo.Set(initialize=data.models)
    m.STATES = pyo.Set(initialize=(data.start, *data.models))
    m.REQUESTS = pyo.Set(initialize=data.requests)
    m.ASKS = pyo.Set(dimen=2, initialize=list(data.model_of.items()))
    m.setup = pyo.Param(
        m.MODELS, initialize={i: data.setup[i] for i in data.models}, doc="time a batch takes before its first request"
    )
    m.per_request = pyo.Param(
        m.REQUESTS, initialize={k: data.per_request[k] for k in data.requests}, doc="time a batch takes per request"
    )
    m.upload = pyo.Param(
        m.REQUESTS, initialize={k: data.upload[k] for k in data.requests}, doc="time the whole band takes for the input"
    )
    m.weight = pyo.Param(m.REQUESTS, initialize=data.weight, doc="weight of a request, in units of their grid")


def _service(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Who is served where; a slot that runs a model serves somebody.

    Where a model runs in one slot at most, y_{n,k} = x_{n,i} z_k follows and need not be asked for: fewer binaries.
    """
    once = data.instance.server.visits == "once"
    one_slot = {k: once and not data.stays[i] for k, i in data.model_of.items()}
    m.run = pyo.Var(m.POINTS, m.STATES, domain=pyo.Binary, doc="slot n runs model i")
    m.serve = pyo.Var(
        m.SLOTS,
        m.REQUESTS,
        domain=lambda m, n, k: pyo.UnitInterval if one_slot[k] else pyo.Binary,
        doc="slot n serves request k",
    )
    m.served = pyo.Var(m.REQUESTS, domain=pyo.Binary, doc="request k is served")
    m.served_once = pyo.Constraint(
        m.REQUESTS,
        rule=lambda m, k: m.served[k] == sum(m.serve[n, k] for n in m.SLOTS),
        doc="a request is served in one slot at most",
    )
    m.by_its_model = pyo.Constraint(
        m.SLOTS, m.ASKS, rule=lambda m, n, k, i: m.serve[n, k] <= m.run[n, i], doc="by the model it asks for"
    )
    m.not_empty = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: sum(m.serve[n, k] for k in m.REQUESTS) >= sum(m.run[n, i] for i in m.MODELS),
        doc="a slot that runs a model serves somebody",
    )


def _sequence(m: pyo.ConcreteModel, visits: str) -> None:
    """Slots follow one another without holes; slot 0 is in the start state."""
    m.move = pyo.Var(m.SLOTS, m.STATES, m.MODELS, bounds=(0, 1), doc="slot n runs model j after a slot of i")
    start = m.STATES.first()
    for n in m.SLOTS:
        m.run[n, start].fix(0)
    for i in m.MODELS:
        m.run[0, i].fix(0)
    m.run[0, start].fix(1)
    m.arrive = pyo.Constraint(
        m.SLOTS,
        m.MODELS,
        rule=lambda m, n, j: sum(m.move[n, i, j] for i in m.STATES) == m.run[n, j],
        doc="a slot is entered from the state before it",
    )
    m.leave = pyo.Constraint(
        m.SLOTS,
        m.STATES,
        rule=lambda m, n, i: sum(m.move[n, i, j] for j in m.MODELS) <= m.run[n - 1, i],
        doc="and no slot follows an empty one",
    )
    if visits == "once":
        m.visit_once = pyo.Constraint(
            m.MODELS,
            rule=lambda m, i: sum(m.run[n, i] - m.move[n, i, i] for n in m.SLOTS) <= 1,
            doc="a model is entered once",
        )


def _deadlines(m: pyo.ConcreteModel, data: SlotData) -> None:
    """A slot ends by the earliest deadline it serves: the last one, less the steps down to it.

    The steps replace a big-M per request: the coefficients are differences of neighbouring deadlines.
    """
    ranks = {deadline: p for p, deadline in enumerate(data.deadlines, start=1)}
    last = len(ranks)
    step = {p: data.deadlines[p] - data.deadlines[p - 1] for p in range(1, last)}
    due = [(p, k) for k in data.requests if (p := ranks[data.deadline[k]]) < last]
    m.EARLIER = pyo.Set(initialize=range(1, last))
    m.BEYOND = pyo.Set(initialize=range(2, last))
    m.DUE = pyo.Set(dimen=2, initialize=due)
    m.last = pyo.Param(mutable=True, initialize=data.deadlines[-1] if data.deadlines else 0.0, doc="last deadline")
    m.step = pyo.Param(m.EARLIER, initialize=step, doc="time from deadline p to the next one")
    m.urgent = pyo.Var(m.SLOTS, m.EARLIER, bounds=(0, 1), doc="slot n serves a request due at or before deadline p")
    m.in_time = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: m.end[n] + sum(m.step[p] * m.urgent[n, p] for p in m.EARLIER) <= m.last,
        doc="a slot ends by the earliest deadline it serves",
    )
    m.urgent_request = pyo.Constraint(
        m.SLOTS, m.DUE, rule=lambda m, n, p, k: m.urgent[n, p] >= m.serve[n, k], doc="a request makes its slot urgent"
    )
    m.urgent_chain = pyo.Constraint(
        m.SLOTS,
        m.BEYOND,
        rule=lambda m, n, p: m.urgent[n, p] >= m.urgent[n, p - 1],
        doc="what is urgent at one deadline is so at the next",
    )
