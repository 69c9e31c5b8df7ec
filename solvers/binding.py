"""Which constraints of a formulation bind at a plan: an engine completes it to a point, in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partload.formulations.registry import Formulation
from partload.instances.errors import InputError
from partload.instances.records import AnyInstance, Plan
from partload.solvers import processes

if TYPE_CHECKING:
    from partload.formulations.explain.tightness import Tightness

TIME_LIMIT_S = 30.0


def binding(
    instance: AnyInstance, formulation: Formulation, plan: Plan, time_limit: float | None = TIME_LIMIT_S
) -> dict[str, Tightness]:
    """How each family of constraints of a formulation stands at a plan, feasible or not.

    Raises
    ------
    InputError
        When the formulation has no point for the plan, its model is too large, or the time is not enough.
    """
    known: list[dict[str, Tightness]] = []
    result = processes.call(
        "partload.solvers.completion:measure",
        instance,
        formulation.name,
        plan,
        time_limit=time_limit,
        on_message=known.append,
    )
    if result.failure is not None and result.failure.error is not None:
        raise result.failure.error
    if not known:
        raise InputError(f"was not completed to a point: the process {result.reason}", "plan", formulation.name)
    return known[-1]
