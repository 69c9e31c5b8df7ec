"""The formulations of SLIDE. ``partload formulations`` lists them."""

from __future__ import annotations

from partload.formulations.registry import Formulation
from partload.formulations.slide.recursion.features import FREQUENCIES

ALL_USERS = {
    "frequency": tuple(FREQUENCIES),
    "channel": ("flat", "power-limited"),
    "weights": ("equal", "different"),
}
"""What both formulations of SLIDE have constraints for."""
FORMULATIONS: tuple[Formulation, ...] = (
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
