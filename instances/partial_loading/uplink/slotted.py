"""Slotted uplink: the requests of a slot upload while its model loads, on the whole band.

A slot is ready when both are done: ready_n = max(end_{n-1} + load_n, max(end_{n-1}, r_n) + up_n).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from partload.instances.partial_loading.uplink.discipline import NEVER, Floats, TimedBatch, Uploads


@dataclasses.dataclass(frozen=True)
class Slotted:
    """``UplinkDiscipline`` of the slotted uplink."""

    one_band: bool = False
    begins_with_slot: bool = True

    def upload_start_s(self, start_s: float, sent_s: float, arrival_s: float) -> float:
        """The start of the slot, or its last arrival."""
        return arrival_s if arrival_s > start_s else start_s

    def forward(self, load_s: Sequence[float], batches: Sequence[TimedBatch]) -> tuple[list[float], list[float]]:
        """One list twice: uploads may run from the start of their slot."""
        end, start = 0.0, [0.0]
        for batch, load in zip(batches, load_s):
            upload = batch.upload_s
            if batch.arrival_s > end:
                upload += batch.arrival_s - end
            end += (load if load > upload else upload) + batch.run_s
            start.append(end)
        return start, start

    def backward(
        self, load_s: Sequence[float], batches: Sequence[TimedBatch]
    ) -> tuple[list[float], list[float], list[float]]:
        """late_{n-1} = min(due_n, late_n) - inference_n - max(load_n, up_n), where r_n + up_n leaves time enough."""
        late, latest, limits = NEVER, [NEVER], []
        for batch, load in zip(reversed(batches), reversed(load_s)):
            due, upload = batch.due_s, batch.upload_s
            limit = due if due < late else late
            late = limit - ((load if load > upload else upload) + batch.run_s)
            if batch.arrival_s and batch.arrival_s + upload + batch.run_s > limit:
                late = -NEVER
            limits.append(limit)
            latest.append(late)
        limits.reverse()
        latest.reverse()
        return limits, latest, [NEVER] * len(latest)

    def later_depends_on(self, end_s: float, sent_s: float) -> tuple[float, ...] | None:
        """The end alone."""
        return (end_s,)

    def horizon_s(self, work_s: float, uploads: Uploads, bandwidth_hz: float) -> float:
        """All the work after the last arrival."""
        return float(uploads.arrival_s.max()) + work_s

    def least_part(
        self, share: Floats, upload_s: Floats, inference_s: Floats, deadline_s: float, before_last_s: float
    ) -> Floats:
        """A slot takes at least its upload and its inference, one slot after another."""
        return (upload_s + inference_s) / deadline_s


SLOTTED = Slotted()
