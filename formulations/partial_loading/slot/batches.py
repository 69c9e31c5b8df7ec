"""The slot formulation's batches: how many a slot runs, and which uploads cannot hide behind the load.

Usually a slot runs one batch. Where batches are limited but the batches of a visit can be counted instead of told
apart (``SlotData.mergeable``), a slot stands for the whole visit: a first batch, whose uploads may hide behind the
load, and more batches, whose uploads follow one after another (problems, fact 4).
"""

from __future__ import annotations

import pyomo.environ as pyo

from partload.formulations.partial_loading.slot.data import SlotData
from partload.instances.partial_loading.plan import Plan, Slot


def limit_batches(m: pyo.ConcreteModel, data: SlotData) -> None:
    """No batch is larger than its model and memory allow; inference takes the setup of each batch."""
    m.largest_batch = pyo.Param(
        m.MODELS, initialize={i: data.largest_batch[i] for i in data.models}, doc="most requests in one batch"
    )
    m.inference = pyo.Var(m.SLOTS, domain=pyo.NonNegativeReals, doc="time slot n spends on inference [u]")
    several = any(data.most_batches[i] > 1 for i in data.models)
    batches = _several_batches(m, data) if several else m.run
    m.batch = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: (
            sum(m.serve[n, k] for k in m.OFFERED[n]) <= sum(m.largest_batch[i] * batches[n, i] for i in m.MODELS)
        ),
        doc="no batch is larger than its model and memory allow",
    )
    m.inference_time = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: (
            m.inference[n]
            == sum(m.setup[i] * batches[n, i] for i in m.MODELS)
            + sum(m.per_request[k] * m.serve[n, k] for k in m.OFFERED[n])
        ),
        doc="time of its batches",
    )


def _several_batches(m: pyo.ConcreteModel, data: SlotData) -> pyo.Var:
    """Count the batches of each slot, and let only the uploads of the first one hide behind the load."""
    m.most_batches = pyo.Param(
        m.MODELS, initialize={i: data.most_batches[i] for i in data.models}, doc="most batches in one slot"
    )
    m.batches = pyo.Var(m.SLOTS, m.MODELS, domain=pyo.NonNegativeIntegers, doc="batches of model j in slot n")
    m.later = pyo.Var(m.OFFERS, bounds=(0, 1), doc="request k is not in the first batch of slot n")
    m.some_batch = pyo.Constraint(
        m.SLOTS, m.MODELS, rule=lambda m, n, i: m.batches[n, i] >= m.run[n, i], doc="a slot has a batch"
    )
    m.few_batches = pyo.Constraint(
        m.SLOTS,
        m.MODELS,
        rule=lambda m, n, i: m.batches[n, i] <= m.most_batches[i] * m.run[n, i],
        doc="and no more than can be filled",
    )
    m.first_batch = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: (
            sum(m.serve[n, k] - m.later[n, k] for k in m.OFFERED[n])
            <= sum(m.largest_batch[i] * m.run[n, i] for i in m.MODELS)
        ),
        doc="the first batch is no larger either",
    )
    m.later_served = pyo.Constraint(
        m.OFFERS,
        rule=lambda m, n, k: m.later[n, k] <= m.serve[n, k],
        doc="only who is served is served later",
    )
    m.after_first_load = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: (
            m.end[n]
            >= m.end[n - 1] + m.loading[n] + sum(m.upload[k] * m.later[n, k] for k in m.OFFERED[n]) + m.inference[n]
        ),
        doc="only the uploads of the first batch hide behind the load",
    )
    return m.batches


def split(data: SlotData, slot: Slot) -> Plan:
    """The slots of a plan, one batch each, that a slot of the formulation stands for: largest uploads first."""
    limit = data.largest_batch[slot.model]
    if len(slot.requests) <= limit or not data.mergeable[slot.model]:
        return (slot,)
    ordered = sorted(slot.requests, key=lambda k: -data.upload[k])
    batches = (tuple(ordered[first : first + limit]) for first in range(0, len(ordered), limit))
    return tuple(Slot(slot.model, batch, slot.resident_blocks) for batch in batches)


def joined(data: SlotData, plan: Plan) -> Plan:
    """The reverse of ``split``: batches in a row that one slot of the formulation stands for."""
    slots: list[Slot] = []
    for slot in plan:
        if slots and slots[-1].model == slot.model and data.mergeable[slot.model]:
            slots[-1] = Slot(slot.model, slots[-1].requests + slot.requests, slot.resident_blocks)
        else:
            slots.append(slot)
    return tuple(slots)
