"""The model size limit: a model that is too large to be built is refused before anything is built."""

from __future__ import annotations

from partload.instances.errors import InputError
from partload.instances.records import AnyInstance

MOST_PARTS = 4_000_000
"""Beyond this, building the model alone takes minutes and more memory than a small machine has."""


def ensure_size(instance: AnyInstance, parts: int, what: str = "a formulation") -> None:
    """Refuse a model that is too large for its instance's formulation.

    Parameters
    ----------
    instance
        The instance, for its name.
    parts
        Estimate of the number of variables and constraints.
    what
        What the model is of, for the message.

    Raises
    ------
    InputError
        When ``parts`` is more than ``MOST_PARTS``.
    """
    if parts > MOST_PARTS:
        raise InputError(
            f"{what} of {instance.name!r} would have some {parts:,} variables and constraints, "
            f"expected at most {MOST_PARTS:,}; solve a part of it, or ask for a heuristic with --method",
            source="formulation",
        )
