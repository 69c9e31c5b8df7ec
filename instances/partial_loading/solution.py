"""A PartialLoading solution: the plan, its times, and what is said of both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from pydantic.dataclasses import dataclass

from partload.instances.fields import STRICT, NonNegative, Text
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.solution import SolutionHeader


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class SlotRecord:
    """One slot of a file: the decisions, and the times that follow from them (None where the file has none)."""

    model: Text
    requests: tuple[Text, ...]
    loaded_blocks: tuple[Text, ...] | None = None
    resident_blocks: tuple[Text, ...] | None = None
    start_s: NonNegative | None = None
    load_end_s: NonNegative | None = None
    upload_end_s: NonNegative | None = None
    ready_s: NonNegative | None = None
    end_s: NonNegative | None = None
    bandwidth_hz: dict[Text, NonNegative] | None = None


@dataclass(frozen=True, kw_only=True, repr=False, config=STRICT)
class Solution(SolutionHeader):
    """A PartialLoading solution file."""

    FORMAT: ClassVar[str] = "partload/partial-loading-solution"

    slots: tuple[SlotRecord, ...]

    def plan(self) -> Plan:
        """The decisions alone."""
        return tuple(
            Slot(
                record.model,
                record.requests,
                None if record.resident_blocks is None else frozenset(record.resident_blocks),
                record.bandwidth_hz,
            )
            for record in self.slots
        )


def records(instance: Instance, plan: Plan, times: clock.Times) -> tuple[SlotRecord, ...]:
    """The slots of a plan with all times and bandwidths; blocks in the order in which the instance lists them."""
    order = {block: number for number, block in enumerate(instance.block_sizes)}
    bandwidth = iter(times.bandwidth_hz.tolist())
    rows = []
    for n, slot in enumerate(plan):
        rows.append(
            SlotRecord(
                model=slot.model,
                requests=slot.requests,
                loaded_blocks=tuple(sorted(times.loaded[n], key=order.__getitem__)),
                resident_blocks=tuple(sorted(times.resident[n], key=order.__getitem__)),
                start_s=_finite(times.start_s[n]),
                load_end_s=_finite(times.load_end_s[n]),
                upload_end_s=_finite(times.upload_end_s[n]),
                ready_s=_finite(times.ready_s[n]),
                end_s=_finite(times.end_s[n]),
                bandwidth_hz={request: next(bandwidth) for request in slot.requests},
            )
        )
    return tuple(rows)


def upload_starts(slots: Sequence[SlotRecord], instance: Instance) -> list[float]:
    """When the first upload of each slot starts [s], by the times of the file and the uplink discipline."""
    sent = [0.0, *(slot.upload_end_s or 0.0 for slot in slots)]
    discipline, arrival = instance.uplink_discipline, instance.arrays.arrival_s
    starts = []
    for slot, before in zip(slots, sent):
        arrivals = arrival[instance.positions(slot.requests)]
        if discipline.one_band:
            starts.append(float(arrivals.min(initial=math.inf)) if len(arrivals) else 0.0)
        else:
            starts.append(discipline.upload_start_s(slot.start_s or 0.0, before, float(arrivals.max(initial=0.0))))
    return starts


def _finite(time: float) -> float | None:
    return time if math.isfinite(time) else None
