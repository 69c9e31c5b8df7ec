"""What the checkers of both problems say, and what they check alike: the claims of a solution beside its plan."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Generic, TypeVar

from partload.instances.numbers import exact
from partload.instances.records import AnyInstance
from partload.instances.serialisation import sha256
from partload.instances.solution import SolutionHeader, relative_gap

TOLERANCE = 1e-9
"""Relative, on deadlines, times, bandwidth and energy."""
WITHIN = 0.998 * TOLERANCE
"""A slack by which every limit may be passed so that the checker still accepts the plan, rounding included."""
BEYOND = 1.002 * TOLERANCE
"""A slack with which every plan that the checker accepts keeps all limits, rounding included."""

RULES = {
    "instance": "a solution names the instance, and its hash if it states one",
    "times": "the times stated are those that follow from the decisions",
    "bound": "no bound lies below the objective, and the gap follows from both",
    "status": "'optimal' comes with a bound that the objective meets, 'unknown' with the empty plan",
}
"""Rules that both problems have, beside their own."""

Times = TypeVar("Times")


@dataclasses.dataclass(frozen=True)
class Violation:
    """One broken rule."""

    rule: str
    """A key of the problem's ``RULES``."""
    place: str
    """Where, as a path into the solution: ``slots[2]``, ``objective``."""
    ids: tuple[str, ...]
    """The ids concerned: of models, requests, blocks or users."""
    amount: float | None
    """By how much, in the unit of the rule (seconds, bytes, hertz, requests, weight); None where there is no amount."""
    problem: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.place}: {self.problem}"


@dataclasses.dataclass(frozen=True)
class Report(Generic[Times]):
    """The verdict on one solution."""

    violations: tuple[Violation, ...]
    objective: float | None
    """Weight served, recomputed; None when unknown ids make the plan unreadable."""
    times: Times | None
    """What the clock says; None likewise."""

    @property
    def feasible(self) -> bool:
        """Whether no rule is broken."""
        return not self.violations


def differs(claimed: float, true: float) -> bool:
    """Whether a claimed number is not the one recomputed."""
    return math.isinf(true) or abs(claimed - true) > TOLERANCE * max(abs(claimed), abs(true))


def exceeds(amount: float, limit: float) -> bool:
    """Whether an amount is above its limit by more than the tolerance; what is infinite, or no number, is."""
    return not (math.isfinite(amount) and amount <= limit * (1 + TOLERANCE))


def identity(instance: AnyInstance, solution: SolutionHeader) -> Iterator[Violation]:
    """Whether the solution is one of the instance."""
    if solution.instance != instance.name:
        problem = f"the solution names instance {solution.instance!r}, expected {instance.name!r}"
        yield Violation("instance", "instance", (solution.instance,), None, problem)
    if solution.instance_sha256 is not None and solution.instance_sha256 != sha256(instance):
        yield Violation("instance", "instance_sha256", (), None, "made for other data: the hashes differ")


def check_time(place: str, claimed: float | None, true: float) -> Iterator[Violation]:
    """Check that a claimed time [s] is the clock's."""
    if claimed is not None and differs(claimed, true):
        problem = f"states {exact(claimed)} s, the clock says {exact(true)} s"
        yield Violation("times", place, (), claimed - true, problem)


def check_values(solution: SolutionHeader, true: float, *, empty: bool) -> Iterator[Violation]:
    """Whether objective, bound, gap and status are true of a plan that serves this weight, or nobody."""
    if solution.objective is not None and differs(solution.objective, true):
        problem = f"states {exact(solution.objective)}, the plan serves {exact(true)}"
        yield Violation("objective", "objective", (), solution.objective - true, problem)
    bound = solution.bound
    if bound is not None and bound < true * (1 - TOLERANCE):
        yield Violation("bound", "bound", (), true - bound, f"bound {exact(bound)}, but the plan serves {exact(true)}")
    gap = relative_gap(true, bound)
    if solution.gap is not None and (gap is None or abs(solution.gap - max(gap, 0.0)) > TOLERANCE):
        yield Violation("bound", "gap", (), None, f"states a gap of {exact(solution.gap)}, it is {_or_none(gap)}")
    proved = bound is not None and not differs(bound, true)
    if solution.status == "optimal" and not proved:
        problem = f"'optimal', but bound {_or_none(bound)} and objective {exact(true)} differ"
        yield Violation("status", "status", (), None, problem)
    if solution.status == "unknown" and not empty:
        yield Violation("status", "status", (), None, "'unknown', but there is a plan")


def _or_none(value: float | None) -> str:
    return "none" if value is None else exact(value)
