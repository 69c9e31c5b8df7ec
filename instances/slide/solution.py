"""A SLIDE solution file: the plan, its times and energy, and what solver and bound say about it."""

from __future__ import annotations

import math
from typing import ClassVar

from pydantic.dataclasses import dataclass

from partload.instances.fields import STRICT, NonNegative, Text
from partload.instances.slide import clock
from partload.instances.slide.instance import Instance
from partload.instances.slide.plan import Plan, Served
from partload.instances.solution import SolutionHeader


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class UserRecord:
    """One user served, as the file has it: the decisions, and times and energy, None where the file has none."""

    id: Text
    model: Text
    bandwidth_hz: NonNegative
    flop_per_s: NonNegative | tuple[NonNegative, ...]
    """One speed, or one for each layer."""
    download_end_s: tuple[NonNegative, ...] | None = None
    """d_l, when each layer has arrived."""
    compute_end_s: tuple[NonNegative, ...] | None = None
    """t_l, when each layer is computed."""
    energy_j: NonNegative | None = None
    """None also for a user without an energy coefficient."""


@dataclass(frozen=True, kw_only=True, repr=False, config=STRICT)
class Solution(SolutionHeader):
    """A SLIDE solution file."""

    FORMAT: ClassVar[str] = "partload/slide-solution"

    users: tuple[UserRecord, ...]

    def plan(self) -> Plan:
        """The decisions without times and energy."""
        return tuple(Served(one.id, one.model, one.bandwidth_hz, one.flop_per_s) for one in self.users)


def records(instance: Instance, plan: Plan, times: clock.Times) -> tuple[UserRecord, ...]:
    """The users of a plan with all times and energies."""
    rows = []
    for n, served in enumerate(plan):
        user = instance.users[instance.user_index[served.user]]
        rows.append(
            UserRecord(
                id=served.user,
                model=served.model,
                bandwidth_hz=served.bandwidth_hz,
                flop_per_s=served.flop_per_s,
                download_end_s=_finite_times(times.download_end_s[n].tolist()),
                compute_end_s=_finite_times(times.compute_end_s[n].tolist()),
                energy_j=None if user.energy_coefficient is None else float(times.energy_j[n]),
            )
        )
    return tuple(rows)


def _finite_times(ends: list[float]) -> tuple[float, ...] | None:
    """Times as a file can hold them: None where one is infinite."""
    return tuple(ends) if math.isfinite(ends[-1]) else None
