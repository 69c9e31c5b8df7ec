"""What the models of PartialLoading share: their data, the variables of who is served, and the objective."""

from __future__ import annotations

import dataclasses

import pyomo.environ as pyo

from partload.formulations.built import Built
from partload.formulations.cuts import Served
from partload.formulations.partial_loading.slot.data import SlotData


@dataclasses.dataclass(frozen=True)
class RequestModel(Built[SlotData]):
    """A model with a variable ``served`` for each usable request."""

    def served(self) -> Served:
        """Whether each usable request is served."""
        return {k: self.model.served[k] for k in self.model.REQUESTS}


def maximise_weight_served(m: pyo.ConcreteModel) -> None:
    """Add the objective: the weight of the requests served, in the units of ``weight``."""
    m.weight_served = pyo.Objective(
        rule=lambda m: sum(m.weight[k] * m.served[k] for k in m.REQUESTS),
        sense=pyo.maximize,
        doc="the weight of the requests served",
    )
