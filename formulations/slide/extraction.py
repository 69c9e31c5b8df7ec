"""What the formulations of SLIDE share: their decisions are x_{k,i}, the rest of a plan follows from them."""

from __future__ import annotations

import pyomo.environ as pyo

from partload.formulations.cuts import Served
from partload.instances.slide.plan import Plan
from partload.instances.slide.provisioning import plan_of


def extract(model: pyo.ConcreteModel) -> Plan:
    """The plan that the values of the variables describe; nothing is trusted before the checker has seen it.

    Only who is served with what is read. Bandwidths and speeds, where they are variables, are right up to a solver's
    tolerance and the room given; the least bandwidths are known in closed form.
    """
    chosen = [pair for pair in model.PAIRS if (model.provide[pair].value or 0.0) > 0.5]
    return plan_of(model.data.instance, chosen)


def served(model: pyo.ConcreteModel) -> Served:
    """Whether each user who can be served is."""
    return {k: pyo.quicksum(model.provide[k, i] for i in model.MODELS_OF[k]) for k in model.USERS}


def forbid(model: pyo.ConcreteModel, plan: Plan) -> None:
    """Exclude every plan that serves these users with these models, which is not feasible; others only need more."""
    if model.component("forbidden") is None:
        model.forbidden = pyo.ConstraintList(doc="plans that only seemed feasible")
    model.forbidden.add(sum(1 - model.provide[served.user, served.model] for served in plan) >= 1)
