"""A model over slots that has been built for an instance, and how to read plans from it."""

from __future__ import annotations

import dataclasses

import pyomo.environ as pyo

from partload.formulations.cuts import forbid_plan
from partload.formulations.partial_loading.request_model import RequestModel, ensure_known
from partload.formulations.partial_loading.slot import features
from partload.formulations.partial_loading.slot.batches import joined, split
from partload.instances.errors import InputError
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.static import decided


@dataclasses.dataclass(frozen=True)
class SlotModel(RequestModel):
    """The Pyomo model of an instance (``partload.formulations.registry.BuiltModel``)."""

    def extract(self) -> Plan:
        """The plan that the values of the variables describe, not yet checked.

        Only decisions about slots are read. Bandwidths, where they are variables, are right up to a solver's tolerance;
        the best ones for these slots are known in closed form: those of the timing model and, static, the least ones.
        """
        m, data = self.model, self.data
        plan: list[Slot] = []
        for n in m.SLOTS:
            requests = tuple(k for k in m.OFFERED[n] if m.serve[n, k].value > 0.5)
            if requests:
                plan += split(data, Slot(data.model_of[requests[0]], requests, self._resident(n)))
        return decided(data.instance, tuple(plan))

    def _resident(self, n: int) -> frozenset[str] | None:
        """The blocks in memory during slot n, where that is a decision."""
        if not features.residency(self.data.instance.server).keeps_blocks:
            return None
        kept = [b for b in self.model.BLOCKS if self.model.resident[n, b].value > 0.5]
        return frozenset(block for first in kept for block in self.data.blocks[first])

    def place(self, plan: Plan) -> None:
        """Fix the slots of a plan; the values of the other variables follow from the constraints.

        Raises
        ------
        InputError
            When the model has no variables for the plan.
        """
        ensure_known(plan, self.data)
        m, slots = self.model, joined(self.data, plan)
        if len(slots) > len(m.SLOTS):
            raise InputError(f"has {len(m.SLOTS)} slots, no more can end in time; the plan has {len(slots)}", "plan")
        runs = {(n, slot.model) for n, slot in enumerate(slots, 1)}
        serves = {(n, k) for n, slot in enumerate(slots, 1) for k in slot.requests}
        late = [k for n, k in sorted(serves) if (n, k) not in m.OFFERS]
        if late:
            raise InputError(f"has no variable for {', '.join(late)} so late: no such slot ends in time", "plan")
        for n in m.SLOTS:
            for i in m.MODELS:
                m.run[n, i].fix(int((n, i) in runs))
        for k in m.REQUESTS:
            m.served[k].fix(int(any(k in slot.requests for slot in slots)))
        for offer in m.OFFERS:
            m.serve[offer].fix(int(offer in serves))
        if features.residency(self.data.instance.server).keeps_blocks:
            self._place_blocks(slots)

    def _place_blocks(self, slots: Plan) -> None:
        """Fix the blocks in memory during each slot; after the last slot nothing changes."""
        m, kept = self.model, clock.loads(self.data.instance, slots).resident
        before = frozenset(self.data.instance.server.resident_blocks)
        for n in m.SLOTS:
            before = kept[n - 1] if n <= len(slots) else before
            for b in m.BLOCKS:
                m.resident[n, b].fix(int(b in before))

    def forbid(self, plan: Plan) -> None:
        """Exclude every plan that begins like this one, which ends late or overfills memory in its last slot.

        Serving more requests in these slots is excluded too: uploads, inference and activations only grow. With
        ``cached`` residency the blocks that are kept are part of what is excluded.
        """
        m = self.model
        differences: list[pyo.Expression] = []
        for n, slot in enumerate(joined(self.data, plan), start=1):
            differences.append(1 - m.run[n, slot.model])
            differences += [1 - m.serve[n, request] for request in slot.requests]
            if slot.resident_blocks is not None:
                kept = {b: b in slot.resident_blocks for b in m.BLOCKS}
                differences += [1 - m.resident[n, b] if kept[b] else m.resident[n, b] for b in m.BLOCKS]
        forbid_plan(m, differences)
