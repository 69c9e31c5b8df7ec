"""What a solution file says of either problem: what made it, why it stopped, what it is worth, what is proved.

One record for all methods. Only the plan itself is required of a file, so that solutions which others wrote can be
checked; what a file states beyond the plan has to be true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic.dataclasses import dataclass

from partload.instances.fields import STRICT, NonNegative, Number, Text, WholeNumber
from partload.instances.showing import Shown

if TYPE_CHECKING:
    from partload.instances.records import Plan

Status = Literal["optimal", "feasible", "unknown"]
"""Proved; a plan without a proof; stopped with nothing but the empty plan."""
Termination = Literal["proved", "tolerance", "heuristic-end", "time-limit", "interrupted", "error"]
"""Why a method stopped. ``proved``: the gap it was asked for is proved. ``tolerance``: what is left between plan and
bound lies within a tolerance, of the checker at a tie or of the engine on weights without a grid."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Timing:
    """Where the time went."""

    build_s: NonNegative | None = None
    solve_s: NonNegative | None = None
    total_s: NonNegative | None = None


@dataclass(frozen=True, kw_only=True, repr=False, config=STRICT)
class SolutionHeader(Shown):
    """The part of a solution that is the same for all problems."""

    FORMAT: ClassVar[str]
    """Value of the key ``format`` in a file."""

    instance: Text
    """Name of the instance."""
    instance_sha256: Text | None = None
    method: Text | None = None
    formulation: Text | None = None
    solver: Text | None = None
    options: dict[Text, object] | None = None
    seed: WholeNumber | None = None
    status: Status | None = None
    termination: Termination | None = None
    objective: NonNegative | None = None
    """Weight served, recomputed from the plan."""
    bound: NonNegative | None = None
    """A proven upper bound on the weight any plan can serve."""
    gap: NonNegative | None = None
    """(bound - objective) / bound, 0 when the bound is 0."""
    metrics: dict[Text, Number | None] | None = None
    timing: Timing | None = None
    provenance: dict[Text, Text] | None = None
    """Versions of the package, the solver and Python, and the date."""

    def __repr__(self) -> str:
        made = f" by {self.method}" if self.method is not None else ""
        known = {"objective": self.objective, "bound": self.bound, "gap": self.gap}
        numbers = [f"{name} {value:g}" for name, value in known.items() if value is not None]
        return f"<solution of {self.instance!r}{made}: {', '.join([self.status or 'not judged', *numbers])}>"

    def plan(self) -> Plan:
        """The decisions alone."""
        raise NotImplementedError


def relative_gap(objective: float, bound: float | None) -> float | None:
    """(bound - objective) / bound, 0 when the bound is 0, None without a bound."""
    if bound is None:
        return None
    return (bound - objective) / bound if bound > 0 else 0.0
