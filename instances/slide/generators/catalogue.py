"""The models of a family and the sets of models that users choose from; ``assemble`` adds the users."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from partload.instances.slide.instance import Model


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """Models, and the sets of models for one purpose."""

    models: tuple[Model, ...]
    choices: tuple[tuple[str, ...], ...]
    """Sets of ids of models for one purpose; each user has one of these sets, all with equal probability."""
    notes: Mapping[str, str]
    """Provenance of sizes, work and accuracies."""
