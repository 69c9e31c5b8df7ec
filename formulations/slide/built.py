"""A model of SLIDE that has been built for an instance, and how to read plans from it.

Both formulations decide x_{k,i}, who is served with which model; the rest of a plan follows from that.
"""

from __future__ import annotations

import dataclasses
from typing import Protocol, TypeVar

import pyomo.environ as pyo

from partload.formulations.built import Built, WeightedData
from partload.formulations.cuts import Served, forbid_plan
from partload.instances.errors import InputError
from partload.instances.slide.instance import Instance
from partload.instances.slide.plan import Plan
from partload.instances.slide.provisioning import plan_of


class ProvisionData(WeightedData, Protocol):
    """What reading a plan takes of the data of a formulation."""

    @property
    def instance(self) -> Instance:
        """The instance."""


DataT = TypeVar("DataT", bound=ProvisionData, covariant=True)


@dataclasses.dataclass(frozen=True)
class ProvisionModel(Built[DataT]):
    """The Pyomo model of an instance (``partload.formulations.registry.BuiltModel``)."""

    def served(self) -> Served:
        """Whether each user who can be served is."""
        m = self.model
        return {k: pyo.quicksum(m.provide[k, i] for i in m.MODELS_OF[k]) for k in m.USERS}

    def extract(self) -> Plan:
        """The plan that the values of the variables describe, not yet checked.

        Only who is served with what is read. Bandwidths and speeds, where they are variables, are right up to a
        solver's tolerance and the slack; the least bandwidths are known in closed form.
        """
        m = self.model
        return plan_of(self.data.instance, [pair for pair in m.PAIRS if (m.provide[pair].value or 0.0) > 0.5])

    def place(self, plan: Plan) -> None:
        """Fix who is served with which model.

        Raises
        ------
        InputError
            When the model has no variable for one of them.
        """
        m, pairs = self.model, [(served.user, served.model) for served in plan]
        strangers = [k for k, i in pairs if (k, i) not in m.PAIRS]
        if strangers:
            raise InputError(f"has no variable for {', '.join(strangers)}: the band alone is too narrow", "plan")
        for pair in m.PAIRS:
            m.provide[pair].fix(int(pair in pairs))

    def forbid(self, plan: Plan) -> None:
        """Exclude every plan that serves these users with these models; serving more users only needs more band."""
        m = self.model
        forbid_plan(m, (1 - m.provide[served.user, served.model] for served in plan))
