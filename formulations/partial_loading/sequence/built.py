"""A sequence model that has been built for an instance, and how to read plans from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

import pyomo.environ as pyo

from partload.formulations.cuts import forbid_plan
from partload.formulations.partial_loading.request_model import RequestModel, ensure_known
from partload.formulations.partial_loading.sequence.network import Network
from partload.formulations.partial_loading.sequence.valid_inequalities import add_entry
from partload.formulations.partial_loading.slot.batches import joined, split
from partload.instances.errors import InputError
from partload.instances.partial_loading.plan import Plan, Slot


@dataclasses.dataclass(frozen=True)
class SequenceModel(RequestModel):
    """The Pyomo model of an instance (``partload.formulations.registry.BuiltModel``)."""

    network: Network

    def extract(self) -> Plan:
        """The plan that the values of the variables describe, not yet checked."""
        m = self.model
        plan: list[Slot] = []
        for model in self._order():
            requests = tuple(k for k in m.REQUESTS_OF[model] if m.served[k].value > 0.5)
            if requests:
                plan += split(self.data, Slot(model, requests))
        return tuple(plan)

    def _order(self) -> list[str]:
        """The models in the order of their visits: the path from the start, then those from the hub."""
        used = [arc for arc in self.network.load if self.model.arc[arc].value > 0.5]
        after = {i: j for i, j in used if i in self.data.model_of.values()}
        order: list[str] = []
        for source in (self.network.start, self.network.hub):
            for first in (j for i, j in used if i == source):
                model: str | None = first
                while model is not None and model not in order:
                    order.append(model)
                    model = after.get(model)
        return order

    def enter_from_outside(self, inside: Collection[str], k: str) -> None:
        """Add the cut that says: whoever visits model k of a set enters the set from outside."""
        add_entry(self.model, inside, k)

    def place(self, plan: Plan) -> None:
        """Fix who is served and the arcs of a plan; the values of the other variables follow from the constraints.

        Raises
        ------
        InputError
            When the model has no variables for the plan.
        """
        ensure_known(plan, self.data)
        m, load = self.model, self.network.load
        visits = joined(self.data, plan)
        requests = {k: visit.model for visit in visits for k in visit.requests}
        for k, i in requests.items():
            if self.data.model_of[k] != i:
                raise InputError(f"serves {k!r} by the model it asks for, the plan serves it by {i!r}", "plan")
        used: set[tuple[str, str]] = set()
        before = self.network.start
        for visit in visits:
            arc = (before, visit.model) if (before, visit.model) in load else (self.network.hub, visit.model)
            if arc in used or any(visit.model == j for _, j in used):
                raise InputError(f"has one visit for each model, the plan visits {visit.model!r} again", "plan")
            used.add(arc)
            before = visit.model
        for k in m.REQUESTS:
            m.served[k].fix(int(k in requests))
        for found in m.ARCS:
            m.arc[found].fix(int(found in used))

    def forbid(self, plan: Plan) -> None:
        """Exclude every plan that begins like this one, which ends late in its last slot.

        The times of visits add up, and each depends on its own load and requests alone. So what is excluded is more:
        every plan in which these models load no less and these requests are served, in whatever order.
        """
        m, load = self.model, self.network.load
        differences: list[pyo.Expression] = []
        before = self.network.start
        for visit in joined(self.data, plan):
            least = load.get((before, visit.model), load[self.network.hub, visit.model])
            no_less = [i for i in m.INTO[visit.model] if load[i, visit.model] >= least]
            differences.append(1 - pyo.quicksum(m.arc[i, visit.model] for i in no_less))
            differences += [1 - m.served[k] for k in visit.requests]
            before = visit.model
        forbid_plan(m, differences)
