"""Families of models for their colours: models that share blocks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partload.instances.partial_loading.instance import Instance

LEAST = 0.1
"""A model may join the family of another one if they share at least this part of the bytes of the smaller one."""


def families(models: Iterable[str], instance: Instance | None) -> dict[str, str]:
    """The family of each model, as its first model; a model that no instance says anything of is its own family.

    A model joins the family with whose first model it shares the largest part. Families are not joined through a third
    model, because a chain of small overlaps would make all models one family.
    """
    found: dict[str, str] = {}
    known = {} if instance is None else instance.block_sets
    for model in dict.fromkeys(models):
        firsts = [first for first in found.values() if first in known and model in known]
        parts = {} if instance is None else {first: shared(instance, model, first) for first in firsts}
        nearest = max(parts, key=lambda first: parts[first], default=model)
        found[model] = nearest if parts.get(nearest, 0.0) >= LEAST else model
    return found


def shared(instance: Instance, one: str, other: str) -> float:
    """The part of the bytes of the smaller model that is in both models."""
    mine, its = instance.block_sets[one], instance.block_sets[other]
    smaller = min(instance.size_of(mine), instance.size_of(its))
    return instance.size_of(mine & its) / smaller if smaller > 0 else 0.0
