"""The mathematics: one file is one formulation and one lesson. Nothing here calls a solver.

A formulation is registered with one line in ``FORMULATIONS``; its module is imported when it is used.
"""

from __future__ import annotations

from partload.formulations.partial_loading.slot import features
from partload.formulations.registry import BuiltModel, Formulation, by_name, ensure_problem
from partload.formulations.slide.recursion.features import FREQUENCIES

ALL_SLOTS = {
    "residency": tuple(features.RESIDENCIES),
    "visits": tuple(features.VISITS),
    "uplink": tuple(features.UPLINKS),
    "channel": ("flat", "power-limited"),
    "deadlines": ("common", "different"),
    "weights": ("equal", "different"),
}
"""What the joint and the cone formulation have constraints for. A test compares it with the tables that they use."""
ALL_USERS = {
    "frequency": tuple(FREQUENCIES),
    "channel": ("flat", "power-limited"),
    "weights": ("equal", "different"),
}
"""What both formulations of SLIDE have constraints for."""
FORMULATIONS: tuple[Formulation, ...] = (
    Formulation(
        name="slot",
        problem="partial-loading",
        kind="exact",
        supports=ALL_SLOTS | {"uplink": ("slotted", "pipelined"), "channel": ("flat",)},
        module="partload.formulations.partial_loading.slot.formulation",
    ),
    Formulation(
        name="cone",
        problem="partial-loading",
        kind="relaxation",
        supports=ALL_SLOTS,
        module="partload.formulations.partial_loading.cone.formulation",
    ),
    Formulation(
        name="joint",
        problem="partial-loading",
        kind="exact",
        supports=ALL_SLOTS,
        module="partload.formulations.partial_loading.joint.formulation",
        linear=False,
    ),
    Formulation(
        name="provisioning",
        problem="slide",
        kind="exact",
        supports=ALL_USERS,
        module="partload.formulations.slide.provisioning.formulation",
    ),
    Formulation(
        name="recursion",
        problem="slide",
        kind="exact",
        supports=ALL_USERS,
        module="partload.formulations.slide.recursion.formulation",
        linear=False,
    ),
)

__all__ = ["FORMULATIONS", "BuiltModel", "Formulation", "by_name", "ensure_problem"]
