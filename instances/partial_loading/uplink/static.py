"""Static uplink: each request holds a constant bandwidth from its arrival until its slot is ready; together at most B.

    ready_n = max(end_{n-1} + load_n, max_{k in U_n} r_k + D_k / rate_k(b_k))

The bandwidths are decided when all slots are known (``instances.partial_loading.static``), for the latest time at which
each slot can be ready. Until then no upload binds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from partload.instances.allocation import constant_bandwidths
from partload.instances.partial_loading.uplink.discipline import NEVER, Floats, TimedBatch, Uploads

SPARE = 1e-7
"""Part of the band that deadlines cut at the horizon may cost."""
LONGER = 4.0
"""Factor between the times tried for T, see ``horizon``."""


@dataclasses.dataclass(frozen=True)
class Static:
    """``UplinkDiscipline`` of the static uplink."""

    one_band: bool = True
    begins_with_slot: bool = False

    def upload_start_s(self, start_s: float, sent_s: float, arrival_s: float) -> float:
        """Time 0: the requests of a slot begin at different times, so their upload times count from there."""
        return 0.0

    def forward(self, load_s: Sequence[float], batches: Sequence[TimedBatch]) -> tuple[list[float], list[float]]:
        """Loads, arrivals and inference; uploads may run from time 0."""
        end, start = 0.0, [0.0]
        for batch, load in zip(batches, load_s):
            end += load
            if batch.arrival_s > end:
                end = batch.arrival_s
            end += batch.run_s
            start.append(end)
        return start, [0.0] * len(start)

    def backward(
        self, load_s: Sequence[float], batches: Sequence[TimedBatch]
    ) -> tuple[list[float], list[float], list[float]]:
        """late_{n-1} = min(due_n, late_n) - inference_n - load_n, where r_n is not later than the latest ready_n."""
        late, latest, limits = NEVER, [NEVER], []
        for batch, load in zip(reversed(batches), reversed(load_s)):
            due = batch.due_s
            limit = due if due < late else late
            ready = limit - batch.run_s
            late = ready - load
            if batch.arrival_s and batch.arrival_s > ready:
                late = -NEVER
            limits.append(limit)
            latest.append(late)
        limits.reverse()
        latest.reverse()
        return limits, latest, [NEVER] * len(latest)

    def later_depends_on(self, end_s: float, sent_s: float) -> tuple[float, ...] | None:
        """More than times: later slots decide how much of the band the slots so far need."""
        return None

    def horizon_s(self, work_s: float, uploads: Uploads, bandwidth_hz: float) -> float:
        """T + S, where with time T all requests need at most a part ``SPARE`` of the band."""
        last, time = float(uploads.deadline_s.max()), float(uploads.arrival_s.max()) + work_s
        while time < last:
            needed = constant_bandwidths(uploads.channel, uploads.input_bits, time - uploads.arrival_s)
            if np.sum(needed) <= SPARE * bandwidth_hz:
                break
            time *= LONGER
        return time + work_s

    def least_part(
        self, share: Floats, upload_s: Floats, inference_s: Floats, deadline_s: float, before_last_s: float
    ) -> Floats:
        """Each request holds at least its least constant bandwidth."""
        return share


STATIC = Static()
