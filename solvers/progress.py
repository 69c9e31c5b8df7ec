"""What a running method tells of itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from partload.instances.solution import relative_gap


@dataclasses.dataclass(frozen=True)
class Progress:
    """State of a solve, reported about once a second."""

    elapsed_s: float
    incumbent: float | None
    """Weight served by the best plan so far."""
    bound: float | None
    """Proven upper bound so far."""

    @property
    def gap(self) -> float | None:
        """(bound - incumbent) / bound."""
        return None if self.incumbent is None else relative_gap(self.incumbent, self.bound)


REPORT_S = 1.0
"""Seconds between reports."""
Listener = Callable[[Progress], None]
