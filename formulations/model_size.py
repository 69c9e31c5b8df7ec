"""Models that are too large to be built are refused before they are."""

from __future__ import annotations

from typing import Any

from partload.instances.errors import InputError

MOST_PARTS = 4_000_000
"""Beyond this, building the model alone takes minutes and more memory than a small machine has."""


def refuse_giants(instance: Any, parts: int, what: str = "a formulation") -> None:
    """Refuse a model of an instance with so many variables and constraints, about.

    Raises
    ------
    InputError
        When they are more than ``MOST_PARTS``.
    """
    if parts > MOST_PARTS:
        raise InputError(
            f"{what} of {instance.name!r} would have some {parts:,} variables and constraints, "
            f"expected at most {MOST_PARTS:,}; solve a part of it, or ask for a heuristic with --method",
            source="formulation",
        )
