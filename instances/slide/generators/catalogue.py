"""The models of a family, and which of them users ask for; ``assemble`` adds the users."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from partload.instances.slide.instance import Model


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """What there is to download and to run."""

    models: tuple[Model, ...]
    choices: tuple[tuple[str, ...], ...]
    """Ids of models that will do for one purpose; every user has one of these choices, all equally often."""
    notes: Mapping[str, str]
    """Provenance of sizes, work and accuracies."""
