"""The three schedules of an instance: the optimum, that of a heuristic, and the optimum without sharing or overlap."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import Literal

from partload import console
from partload.explore.exploration import AnyExploration
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance
from partload.instances.serialisation import sha256
from partload.instances.solution import SolutionHeader, relative_gap
from partload.solvers import solve

TIME_LIMIT_S = 2.0
"""Time for a proof. What is not proved by then is shown with its bound."""
HEURISTIC_S = 0.1
"""Time for a heuristic that would go on and on."""
ANYTIME = ("local-search",)
"""Such heuristics. All others end by themselves: stopped by the clock, their plan would depend on the machine."""
KEPT = 64
"""Optima that are kept."""

Role = Literal["optimum", "heuristic", "without"]
ROLES: tuple[Role, ...] = ("optimum", "heuristic", "without")


@dataclasses.dataclass(frozen=True)
class Panel:
    """One schedule."""

    role: Role
    title: str
    instance: AnyInstance
    """The instance that it solves: without sharing, another one."""
    solution: SolutionHeader
    bound: float | None
    """The bound of the instance with sharing, to which the gap is taken."""

    @property
    def served(self) -> int:
        """How many requests or users are served."""
        return sum(problem_of(self.instance).served(part) for part in self.solution.plan())

    @property
    def gap(self) -> float | None:
        """Relative gap of the objective to the bound."""
        found = relative_gap(self.solution.objective or 0.0, self.bound)
        return None if found is None else max(found, 0.0)

    @property
    def measures(self) -> dict[str, str]:
        """The numbers of the schedule, as the page writes them."""
        solution = self.solution
        return {
            "served": f"{self.served} of {len(self.instance.demand)}",
            "objective": console.number(solution.objective),
            "bound": console.number(solution.bound),
            "gap": console.percent(self.gap),
            "status": _status(solution),
            "method": solution.method or "-",
        }


def _status(solution: SolutionHeader) -> str:
    if solution.termination == "time-limit":
        return f"{solution.status}, stopped at the time limit"
    return str(solution.status)


def instance_of(role: Role, instance: AnyInstance, exploration: AnyExploration) -> AnyInstance:
    """The instance that the schedule of a role solves."""
    return exploration.do_without(instance) if role == "without" else instance


def _title(solution: SolutionHeader) -> str:
    return "Optimum" if solution.status == "optimal" else "Not proved to be the optimum"


def solved(instance: AnyInstance, time_limit_s: float) -> SolutionHeader:
    """The optimum, or the best plan found in time; kept for a while, since the formulation asks for it again."""
    return _solved(_Key(sha256(instance), time_limit_s, instance))


@dataclasses.dataclass(frozen=True)
class _Key:
    """What an optimum depends on."""

    sha256: str
    time_limit_s: float
    instance: AnyInstance = dataclasses.field(compare=False)


@lru_cache(KEPT)
def _solved(key: _Key) -> SolutionHeader:
    return solve(key.instance, time_limit=key.time_limit_s)


def panels(
    instance: AnyInstance, exploration: AnyExploration, heuristic: str, time_limit_s: float = TIME_LIMIT_S
) -> tuple[Panel, ...]:
    """Solve an instance three times.

    Raises
    ------
    InputError
        When no method covers the instance.
    """
    optimum = solved(instance, time_limit_s)
    heuristic_s = min(HEURISTIC_S, time_limit_s) if heuristic in ANYTIME else time_limit_s
    quick = solve(instance, heuristic, time_limit=heuristic_s)
    other = exploration.do_without(instance)
    without = solved(other, time_limit_s)
    bound = optimum.bound
    return (
        Panel("optimum", _title(optimum), instance, optimum, bound),
        Panel("heuristic", f"Heuristic: {heuristic}", instance, quick, bound),
        Panel("without", f"{_title(without)} without {exploration.without}", other, without, bound),
    )
