"""The mathematics: one file is one formulation and one lesson. Nothing here calls a solver.

A formulation is registered with one line in ``FORMULATIONS``; its module is imported when it is used.
"""

from __future__ import annotations

from formulations.registry import Formulation, by_name, ensure_problem

FORMULATIONS: tuple[Formulation, ...] = (
    Formulation(
        name="slot",
        problem="partial-loading",
        kind="exact",
        covers="flat channels; every residency and rule for visits; slotted and pipelined uplink",
        module="formulations.partial_loading.slot",
    ),
    Formulation(
        name="cone",
        problem="partial-loading",
        kind="relaxation",
        covers="everything; its tangents are added to until it is exact",
        module="formulations.partial_loading.cone",
    ),
    Formulation(
        name="joint",
        problem="partial-loading",
        kind="exact",
        covers="everything",
        module="formulations.partial_loading.joint",
        linear=False,
    ),
    Formulation(
        name="provisioning",
        problem="slide",
        kind="exact",
        covers="everything",
        module="formulations.slide.provisioning",
    ),
    Formulation(
        name="recursion",
        problem="slide",
        kind="exact",
        covers="everything",
        module="formulations.slide.recursion",
        linear=False,
    ),
)

__all__ = ["FORMULATIONS", "Formulation", "by_name", "ensure_problem"]
