"""A set-union model that has been built for an instance, and how to read plans from it."""

from __future__ import annotations

import dataclasses

from partload.formulations.cuts import forbid_together
from partload.formulations.partial_loading.request_model import RequestModel
from partload.instances.partial_loading.plan import Plan, Slot


@dataclasses.dataclass(frozen=True)
class SetUnionModel(RequestModel):
    """The Pyomo model of an instance (``partload.formulations.registry.BuiltModel``)."""

    def extract(self) -> Plan:
        """The plan that the values of the variables describe, not yet checked; any order of models would do."""
        m = self.model
        chosen = {i: tuple(k for k in m.REQUESTS_OF[i] if m.served[k].value > 0.5) for i in m.MODELS}
        return tuple(Slot(i, requests) for i, requests in chosen.items() if requests)

    def forbid(self, plan: Plan) -> None:
        """Exclude every plan that serves these requests: each takes as long or longer, whatever its order."""
        forbid_together(self.model, self.served(), [k for slot in plan for k in slot.requests])
