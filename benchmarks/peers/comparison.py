"""The verdict on what a peer answered, beside the answer of ``sequence``, and what makes it an alarm."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

from partload.benchmarks.peers.task import Answer, Task, end_in_ticks, plan_of
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.instance import Instance

CLOSE = 1e-6
"""Rounding of a bound that a peer computes in floating point."""
KILLED = "killed"


@dataclasses.dataclass(frozen=True)
class Row:
    """One peer on one instance."""

    instance: str
    models: int
    requests: int
    seed: int
    peer: str
    requirement: str
    """What was installed."""
    status: str
    served: int | None
    """Requests that the plan serves; None when the checker rejects it."""
    bound: int | None
    seconds: float
    cpu_seconds: float
    ratio: float | None
    """Seconds over those of ``sequence``; None when the peer proves nothing."""
    cpu_ratio: float | None
    """The same of the processor."""
    at_least: float
    """Seconds over those of ``sequence``, also when the time limit ended the search."""
    alarms: tuple[str, ...]

    @property
    def proved(self) -> bool:
        """Whether the optimum is proved."""
        return self.status == "proved"

    @property
    def gap(self) -> float | None:
        """(bound - served) / bound; None without a bound."""
        if self.bound is None or self.served is None:
            return None
        return (self.bound - self.served) / self.bound if self.bound else 0.0


def judged(instance: Instance, task: Task, own: Answer, answer: Answer) -> tuple[int | None, tuple[str, ...]]:
    """Requests that the plan of an answer serves, recomputed, and every contradiction, as a sentence.

    Parameters
    ----------
    instance, task
        The instance, and its times in ticks.
    own
        The answer of ``sequence``.
    answer
        The answer of a peer, or that of ``sequence`` once more.
    """
    report = check_plan(instance, plan_of(answer))
    served = round(report.objective) if report.feasible and report.objective is not None else None
    alarms = [] if served is not None else [f"the checker rejects the plan: {report.violations[0]}"]
    alarms += _contradictions(task, own, answer, served)
    return served, tuple(alarms)


def _contradictions(task: Task, own: Answer, answer: Answer, served: int | None) -> Iterator[str]:
    status, bound, own_bound = answer["status"], whole(answer["bound"]), whole(own["bound"])
    proved = status == "proved"
    if not (proved or status == "time-limit" or status.startswith(KILLED)):
        yield f"it ended with {status!r}"
    if served is not None and own_bound is not None and served > own_bound:
        yield f"its plan serves {served}, sequence proves at most {own_bound}"
    if served is not None and bound is not None and bound < served:
        yield f"its bound is {bound}, its plan serves {served}"
    if proved and bound != served:
        yield f"it claims a proof, its bound is {bound} and its plan serves {served}"
    own_served, in_ticks = sum(len(requests) for _, requests in own["slots"]), end_in_ticks(task, plan_of(own))
    if bound is not None and bound < own_served:
        if in_ticks > task["deadline"]:
            yield f"its bound is {bound} and sequence serves {own_served}, in a plan that ends too late in ticks"
        else:
            yield f"its bound is {bound}, sequence serves {own_served} in a plan that is feasible in ticks"


def whole(bound: float | None) -> int | None:
    """A bound on a number of requests, rounded down."""
    return None if bound is None else math.floor(bound + CLOSE)


def row(name: tuple[str, str], instance: Instance, seed: int, task: Task, own: Answer, answer: Answer) -> Row:
    """The row of an answer of a peer with this name and this requirement."""
    served, alarms = judged(instance, task, own, answer)
    proved = answer["status"] == "proved"
    ratio = answer["seconds"] / own["seconds"]
    return Row(
        instance=instance.name,
        models=len(instance.models),
        requests=len(instance.requests),
        seed=seed,
        peer=name[0],
        requirement=name[1],
        status=answer["status"],
        served=served,
        bound=whole(answer["bound"]),
        seconds=answer["seconds"],
        cpu_seconds=answer["cpu_seconds"],
        ratio=ratio if proved else None,
        cpu_ratio=answer["cpu_seconds"] / own["cpu_seconds"] if proved else None,
        at_least=ratio,
        alarms=alarms,
    )
