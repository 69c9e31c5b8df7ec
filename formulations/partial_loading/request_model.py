"""What the models of PartialLoading share: their data, and the variables of who is served."""

from __future__ import annotations

import dataclasses

from partload.formulations.built import Built
from partload.formulations.cuts import Served
from partload.formulations.partial_loading.slot.data import SlotData


@dataclasses.dataclass(frozen=True)
class RequestModel(Built[SlotData]):
    """A model with a variable ``served`` for each usable request."""

    def served(self) -> Served:
        """Whether each usable request is served."""
        return {k: self.model.served[k] for k in self.model.REQUESTS}
