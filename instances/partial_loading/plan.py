"""A plan of PartialLoading: the decisions, and nothing that follows from them.

Times are not part of a plan. The clock computes them, the checker judges them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from partload.instances.records import Decision


@dataclasses.dataclass(frozen=True, slots=True)
class Slot(Decision):
    """One slot n: a model runs one batch of requests."""

    model: str
    """i_n, a model id."""
    requests: tuple[str, ...]
    """U_n, request ids."""
    resident_blocks: frozenset[str] | None = None
    """R_n, block ids in memory while the slot runs. None: the blocks of the model with residency ``previous``, and all
    that was there before as well with ``cached``."""
    bandwidth_hz: Mapping[str, float] | None = None
    """b_k [Hz] by request id. None: the division of the band with the least upload time; the ``static`` uplink has no
    such default, and a request without bandwidth never arrives."""


Plan = tuple[Slot, ...]
"""The slots in the order in which they run. The empty plan serves nobody and is always feasible."""
