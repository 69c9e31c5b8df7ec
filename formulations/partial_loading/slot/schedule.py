"""What all formulations over slots share: who is served in which slot, in which order, by when.

The formulations differ in how they share the band, and so in when a slot is ready: that is in their own files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import pyomo.environ as pyo

from partload.formulations.model_size import ensure_size
from partload.formulations.partial_loading.request_model import (
    add_requests,
    add_uploads_of_requests,
    maximise_weight_served,
)
from partload.formulations.partial_loading.slot import features
from partload.formulations.partial_loading.slot.batches import limit_batches
from partload.formulations.partial_loading.slot.data import SlotData
from partload.formulations.partial_loading.slot.loads import LOADS
from partload.formulations.partial_loading.slot.valid_inequalities import tighten
from partload.instances.features import by_feature


def schedule(data: SlotData, tightenings: Collection[str], per_request: int = 1) -> pyo.ConcreteModel:
    """The model without its uplink: slots, loads, batches, deadlines, and the weight served as the objective.

    Parameters
    ----------
    data
        The instance and its slack.
    tightenings
        Keys of ``TIGHTENINGS`` to use.
    per_request
        Variables and constraints that the formulation has for a request in a slot, to estimate the size of the model.

    Raises
    ------
    InputError
        When the model would have more than ``MOST_PARTS`` variables and constraints, or a feature is not supported.
    """
    instance, server = data.instance, data.instance.server
    slots = len(data.soonest_end) if "slots" in tightenings else len(data.requests)
    moves = len(data.models) + 2 if _has_moves(data) else 2
    parts = slots * (len(data.models) * moves + per_request * len(data.requests) + 2 * len(instance.blocks))
    ensure_size(instance, parts, "a formulation over the slots")
    model = pyo.ConcreteModel(name=instance.name)
    _sets_and_parameters(model, data, slots, bounded="slots" in tightenings)
    _service(model, data)
    if _has_moves(data):
        _moves(model, data)
    else:
        _succession(model, data)
    by_feature(LOADS, "residency", server.residency)(model, data)
    model.end = pyo.Var(model.POINTS, domain=pyo.NonNegativeReals, doc="end of slot n [u]")
    model.end[0].fix(0)
    limit_batches(model, data)
    model.after_load = pyo.Constraint(
        model.SLOTS,
        rule=lambda m, n: m.end[n] >= m.end[n - 1] + m.loading[n] + m.inference[n],
        doc="inference follows the load",
    )
    _deadlines(model, data)
    tighten(model, data, tightenings)
    maximise_weight_served(model)
    return model


def _has_moves(data: SlotData) -> bool:
    """Whether anything depends on which model runs before which: loads, or the number of visits of a model."""
    server = data.instance.server
    return not features.residency(server).keeps_blocks or features.visits(server).limited


def _sets_and_parameters(m: pyo.ConcreteModel, data: SlotData, slots: int, bounded: bool) -> None:
    """Sets that several parts of the model use, and the data of models and requests.

    With bounds on the ends of slots (``SlotData.soonest_end``) a request is not offered a slot that ends too late.
    """
    soonest = data.soonest_end if bounded else [0.0] * slots
    offered = [(n, k) for n, end in enumerate(soonest, start=1) for k in data.requests if end <= data.deadline[k]]
    m.SLOTS = pyo.Set(dimen=1, initialize=range(1, slots + 1), doc="slots")
    m.POINTS = pyo.Set(dimen=1, initialize=range(slots + 1), doc="slots, and 0 for the state before time 0")
    m.MODELS = pyo.Set(dimen=1, initialize=data.models, doc="models that can serve a request")
    m.STATES = pyo.Set(
        dimen=1, initialize=(data.start, *data.models), doc="these models, and 0 for what is resident at time 0"
    )
    add_requests(m, data)
    m.OFFERS = pyo.Set(dimen=2, initialize=offered, doc="slots n that can end by the deadline of request k")
    m.OFFERED = pyo.Set(
        m.SLOTS, dimen=1, initialize=grouped(m.SLOTS, offered), doc="requests whose deadline slot n can meet"
    )
    m.SLOTS_FOR = pyo.Set(
        m.REQUESTS,
        dimen=1,
        initialize=grouped(m.REQUESTS, ((k, n) for n, k in offered)),
        doc="slots that can end by the deadline of request k",
    )
    add_uploads_of_requests(m, data)
    late = [k for k in data.requests if data.arrival[k] > 0]
    m.ARRIVING = pyo.Set(
        dimen=2,
        initialize=[(n, k) for n, k in offered if data.arrival[k] > 0],
        doc="these pairs of requests that arrive after time 0",
    )
    m.arrival = pyo.Param(
        late, initialize={k: data.arrival[k] for k in late}, doc="arrival of a request after time 0 [u]"
    )


def grouped(keys: Iterable[object], pairs: Iterable[tuple[object, object]]) -> dict[object, list[object]]:
    """For every key the second members of the pairs that begin with it."""
    members = defaultdict(list)
    for key, member in pairs:
        members[key].append(member)
    return {key: members[key] for key in keys}


def _service(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Who is served where; a slot that runs a model serves somebody.

    Where a model runs in one slot at most, y_{n,k} = x_{n,i} z_k follows from the rest: these y need not be binary.
    """
    once = features.visits(data.instance.server).limited
    binary = {k: not once or data.stays[i] for k, i in data.model_of.items()}
    m.run = pyo.Var(m.POINTS, m.STATES, domain=pyo.Binary, doc="slot n runs model i")
    m.serve = pyo.Var(
        m.OFFERS,
        domain=lambda m, n, k: pyo.Binary if binary[k] else pyo.UnitInterval,
        doc="slot n serves request k",
    )
    m.served = pyo.Var(m.REQUESTS, domain=pyo.Binary, doc="request k is served")
    for n in m.SLOTS:
        m.run[n, data.start].fix(0)
    for i in m.MODELS:
        m.run[0, i].fix(0)
    m.run[0, data.start].fix(1)
    m.SERVICES = pyo.Set(
        dimen=3,
        initialize=[(n, k, data.model_of[k]) for n, k in m.OFFERS],
        doc="slots n that can end by the deadline of request k, with its model i",
    )
    m.served_once = pyo.Constraint(
        m.REQUESTS,
        rule=lambda m, k: m.served[k] == sum(m.serve[n, k] for n in m.SLOTS_FOR[k]),
        doc="a request is served in one slot at most",
    )
    m.by_its_model = pyo.Constraint(
        m.SERVICES, rule=lambda m, n, k, i: m.serve[n, k] <= m.run[n, i], doc="by the model it asks for"
    )
    m.not_empty = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: sum(m.serve[n, k] for k in m.OFFERED[n]) >= sum(m.run[n, i] for i in m.MODELS),
        doc="a slot that runs a model serves somebody",
    )


def _moves(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Slots follow one another without holes: each slot is entered from the state before it.

    A model that needs one slot for a visit does not follow itself (``SlotData.stays``).
    """
    m.move = pyo.Var(m.SLOTS, m.STATES, m.MODELS, bounds=(0, 1), doc="slot n runs model j after a slot of i")
    for i in data.models:
        if not data.stays[i]:
            for n in m.SLOTS:
                m.move[n, i, i].fix(0)
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
    if features.visits(data.instance.server).limited:
        m.visit_once = pyo.Constraint(
            m.MODELS,
            rule=lambda m, i: sum(m.run[n, i] - m.move[n, i, i] for n in m.SLOTS) <= 1,
            doc="a model is entered once",
        )


def _succession(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Slots follow one another without holes, where nothing depends on which model runs before which.

    The constraints hold for exactly those x, whole or fractional, for which ``_moves`` has moves w. The w are a flow
    from the states of slot n - 1 to those of slot n, on all pairs (i, j) but (i, i) for models that do not follow
    themselves. The flow exists if no set of models in slot n demands more than the states that enter it supply (Hall).
    Two models together are entered from all states. So two kinds of sets matter: all models, and one model that does
    not follow itself.
    """
    m.ALONE = pyo.Set(
        dimen=1, initialize=[i for i in data.models if not data.stays[i]], doc="models that do not follow themselves"
    )
    m.no_hole = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: sum(m.run[n, i] for i in m.MODELS) <= sum(m.run[n - 1, i] for i in m.STATES),
        doc="a slot runs one model, and no slot follows an empty one",
    )
    m.no_repeat = pyo.Constraint(
        m.SLOTS,
        m.ALONE,
        rule=lambda m, n, j: m.run[n, j] + m.run[n - 1, j] <= sum(m.run[n - 1, i] for i in m.STATES),
        doc="a model that needs one slot for a visit does not follow itself",
    )


def _deadlines(m: pyo.ConcreteModel, data: SlotData) -> None:
    """A slot ends by the earliest deadline it serves: the last one, less the steps down to it.

    The steps replace a big-M per request: the coefficients are differences of neighbouring deadlines.
    """
    ranks = {deadline: p for p, deadline in enumerate(data.deadlines, start=1)}
    last = len(ranks)
    step = {p: data.deadlines[p] - data.deadlines[p - 1] for p in range(1, last)}
    due = [(n, p, k) for n, k in m.OFFERS if (p := ranks[data.deadline[k]]) < last]
    first: dict[int, int] = {}
    for n, p, _ in due:
        first[n] = min(p, first.get(n, p))
    urgent = [(n, p) for n, least in first.items() for p in range(least, last)]
    m.EARLIER = pyo.Set(dimen=1, initialize=range(1, last), doc="deadlines but the last, by their rank")
    m.URGENT = pyo.Set(dimen=2, initialize=urgent, doc="slots n and deadlines p but the last that matter for them")
    m.LATER = pyo.Set(
        dimen=2,
        initialize=[(n, p) for n, p in urgent if p > first[n]],
        doc="these pairs but the first deadline of each slot",
    )
    m.STEPS = pyo.Set(
        m.SLOTS, dimen=1, initialize=grouped(m.SLOTS, urgent), doc="deadlines but the last that matter for slot n"
    )
    m.DUE = pyo.Set(
        dimen=3, initialize=due, doc="slots n, and requests k due at the p-th deadline, which is not the last"
    )
    m.last = pyo.Param(mutable=True, initialize=data.deadlines[-1] if data.deadlines else 0.0, doc="last deadline [u]")
    m.step = pyo.Param(m.EARLIER, initialize=step, doc="time from deadline p to the next one [u]")
    m.urgent = pyo.Var(m.URGENT, bounds=(0, 1), doc="slot n serves a request due at or before deadline p")
    m.in_time = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: m.end[n] + sum(m.step[p] * m.urgent[n, p] for p in m.STEPS[n]) <= m.last,
        doc="a slot ends by the earliest deadline it serves",
    )
    m.urgent_request = pyo.Constraint(
        m.DUE, rule=lambda m, n, p, k: m.urgent[n, p] >= m.serve[n, k], doc="a request makes its slot urgent"
    )
    m.urgent_chain = pyo.Constraint(
        m.LATER,
        rule=lambda m, n, p: m.urgent[n, p] >= m.urgent[n, p - 1],
        doc="what is urgent at one deadline is so at the next",
    )
