"""What the models of PartialLoading share: their data, the variables of who is served, and the objective."""

from __future__ import annotations

import dataclasses

import pyomo.environ as pyo

from partload.formulations.built import Built
from partload.formulations.cuts import Served
from partload.formulations.partial_loading.slot.data import SlotData
from partload.instances.errors import InputError
from partload.instances.partial_loading.plan import Plan


@dataclasses.dataclass(frozen=True)
class RequestModel(Built[SlotData]):
    """A model with a variable ``served`` for each usable request."""

    def served(self) -> Served:
        """Whether each usable request is served."""
        return {k: self.model.served[k] for k in self.model.REQUESTS}


def ensure_known(plan: Plan, data: SlotData) -> None:
    """Raise InputError on what a model has no variable for: a request that cannot be served at all, a model of none."""
    late = [k for slot in plan for k in slot.requests if k not in data.requests]
    if late:
        raise InputError(f"has no variable for {', '.join(late)}: not in time even when served alone", "plan")
    idle = [slot.model for slot in plan if slot.model not in data.requests_of]
    if idle:
        raise InputError(f"has no variable for model {idle[0]!r}: none of its requests can be served", "plan")


def add_requests(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Add the usable requests with their weights and inference times, of the models ``MODELS``, which are there."""
    m.REQUESTS = pyo.Set(dimen=1, initialize=data.requests, doc="requests that can be served alone")
    m.REQUESTS_OF = pyo.Set(m.MODELS, dimen=1, initialize=data.requests_of, doc="requests for a model")
    m.ASKS = pyo.Set(dimen=2, initialize=list(data.model_of.items()), doc="requests, each with its model")
    m.setup = pyo.Param(
        m.MODELS,
        initialize={i: data.setup[i] for i in data.models},
        doc="time a batch takes before its first request [u]",
    )
    m.per_request = pyo.Param(
        m.REQUESTS, initialize={k: data.per_request[k] for k in data.requests}, doc="time a batch takes per request [u]"
    )
    m.weight = pyo.Param(m.REQUESTS, initialize=data.weight, doc="weight of a request, in units of their grid")


def add_uploads_of_requests(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Add the time that the input of each request takes on the whole band."""
    m.upload = pyo.Param(
        m.REQUESTS,
        initialize={k: data.upload[k] for k in data.requests},
        doc="time the whole band takes for the input [u]",
    )


def add_better(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Add the pairs of requests of which one is served first (see ``SlotData.better``)."""
    m.BETTER = pyo.Set(
        dimen=2, initialize=data.better, doc="requests p and k for one model, of which p is served first"
    )


def maximise_weight_served(m: pyo.ConcreteModel) -> None:
    """Add the objective: the weight of the requests served, in the units of ``weight``."""
    m.weight_served = pyo.Objective(
        rule=lambda m: sum(m.weight[k] * m.served[k] for k in m.REQUESTS),
        sense=pyo.maximize,
        doc="the weight of the requests served",
    )
