"""A plan of SLIDE: the decisions, and nothing that follows from them.

Times and energy are not part of a plan. The clock computes them, the checker judges them.
"""

from __future__ import annotations

import dataclasses

from partload.instances.records import Decision

Speed = float | tuple[float, ...]
"""Speed of a device [FLOP/s]: one for all layers, or one for each layer."""


@dataclasses.dataclass(frozen=True, slots=True)
class Served(Decision):
    """One user who is served, with the model, the bandwidth and the speed."""

    user: str
    """k, a user id."""
    model: str
    """A model id."""
    bandwidth_hz: float
    """b_k, held until the download ends."""
    flop_per_s: Speed
    """f_k; a tuple only with frequency ``per-layer``."""


Plan = tuple[Served, ...]
"""Who is served, in any order. The empty plan serves nobody and is always feasible."""
