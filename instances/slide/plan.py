"""A plan of SLIDE: the decisions, and nothing that follows from them.

Times and energy are not part of a plan. The clock computes them, the checker judges them.
"""

from __future__ import annotations

import dataclasses

from partload.instances.records import Decision


@dataclasses.dataclass(frozen=True, slots=True)
class Served(Decision):
    """One user who is served: with which model, on which part of the band, at which speed."""

    user: str
    """k, a user id."""
    model: str
    """A model id."""
    bandwidth_hz: float
    """b_k, held until the download ends."""
    flop_per_s: float | tuple[float, ...]
    """f_k: one speed or, with frequency ``per-layer``, one for each layer."""


Plan = tuple[Served, ...]
"""Who is served, in any order. The empty plan serves nobody and is always feasible."""
