"""Pipelined uplink: the slots upload one after another from time 0, and the band waits for nothing but arrivals.

The uplink has a clock of its own, sent_n = max(sent_{n-1}, r_n) + up_n, and ready_n = max(end_{n-1} + load_n, sent_n).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from partload.instances.partial_loading.uplink.discipline import NEVER, Floats, TimedBatch, Uploads


@dataclasses.dataclass(frozen=True)
class Pipelined:
    """``UplinkDiscipline`` of the pipelined uplink."""

    one_band: bool = False
    begins_with_slot: bool = False

    def upload_start_s(self, start_s: float, sent_s: float, arrival_s: float) -> float:
        """The end of the uploads of the slot before, or the last arrival."""
        return arrival_s if arrival_s > sent_s else sent_s

    def forward(self, load_s: Sequence[float], batches: Sequence[TimedBatch]) -> tuple[list[float], list[float]]:
        """Both clocks."""
        end = sent = 0.0
        start, sents = [0.0], [0.0]
        for batch, load in zip(batches, load_s):
            end += load
            if batch.arrival_s > sent:
                sent = batch.arrival_s
            sent += batch.upload_s
            end = (sent if sent > end else end) + batch.run_s
            start.append(end)
            sents.append(sent)
        return start, sents

    def backward(
        self, load_s: Sequence[float], batches: Sequence[TimedBatch]
    ) -> tuple[list[float], list[float], list[float]]:
        """late_{n-1} = ready - load_n and late_sent_{n-1} = min(ready, late_sent_n) - up_n, both of the latest ready_n.

        That is min(due_n, late_n) - inference_n. Both hold where r_n + up_n leaves time enough.
        """
        late = late_sent = NEVER
        latest, latest_sent, limits = [NEVER], [NEVER], []
        for batch, load in zip(reversed(batches), reversed(load_s)):
            due = batch.due_s
            limit = due if due < late else late
            ready = limit - batch.run_s
            late = ready - load
            late_sent = (ready if ready < late_sent else late_sent) - batch.upload_s
            if batch.arrival_s and batch.arrival_s > late_sent:
                late_sent = -NEVER
            limits.append(limit)
            latest.append(late)
            latest_sent.append(late_sent)
        for column in (limits, latest, latest_sent):
            column.reverse()
        return limits, latest, latest_sent

    def later_depends_on(self, end_s: float, sent_s: float) -> tuple[float, ...] | None:
        """Both clocks."""
        return end_s, sent_s

    def horizon_s(self, work_s: float, uploads: Uploads, bandwidth_hz: float) -> float:
        """All the work after the last arrival."""
        return float(uploads.arrival_s.max()) + work_s

    def least_part(
        self, share: Floats, upload_s: Floats, inference_s: Floats, deadline_s: float, before_last_s: float
    ) -> Floats:
        """All uploads precede the inference of the last slot."""
        return upload_s / before_last_s


PIPELINED = Pipelined()
