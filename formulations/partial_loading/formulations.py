"""The formulations of PartialLoading. ``partload formulations`` lists them."""

from __future__ import annotations

from partload.formulations.partial_loading.set_union import conditions
from partload.formulations.partial_loading.slot import features
from partload.formulations.registry import Formulation

ALL_SLOTS = {
    "residency": tuple(features.RESIDENCIES),
    "visits": tuple(features.VISITS),
    "uplink": tuple(features.UPLINKS),
    "channel": ("flat", "power-limited"),
    "deadlines": ("common", "different"),
    "weights": ("equal", "different"),
    "arrivals": ("none", "some"),
}
"""What the joint and the cone formulation have constraints for. A test compares it with the tables that they use."""
ADDITIVE = tuple(name for name, uplink in features.UPLINKS.items() if uplink.one_by_one)
"""Uplinks whose upload times are sums on flat channels (problems, fact 1)."""
ORDERS = {
    "residency": ("previous",),
    "visits": ("once",),
    "uplink": ("slotted",),
    "channel": ("flat",),
    "deadlines": ("common",),
    "weights": ("equal", "different"),
    "arrivals": ("none",),
}
"""Where the order of models and who is served are all that there is to decide (problems, facts 1 and 4)."""
FORMULATIONS: tuple[Formulation, ...] = (
    Formulation(
        name="slot",
        problem="partial-loading",
        kind="exact",
        supports=ALL_SLOTS | {"uplink": ADDITIVE, "channel": ("flat",)},
        module="partload.formulations.partial_loading.slot.formulation",
    ),
    Formulation(
        name="sequence",
        problem="partial-loading",
        kind="exact",
        supports=ORDERS,
        module="partload.formulations.partial_loading.sequence.formulation",
    ),
    Formulation(
        name="set-union",
        problem="partial-loading",
        kind="exact",
        supports=ORDERS | {"residency": ("cached",)},
        module="partload.formulations.partial_loading.set_union.formulation",
        needs=conditions.NEEDS,
        conditions="partload.formulations.partial_loading.set_union.conditions",
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
)
