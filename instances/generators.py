"""The generators of both problems in one list: names of families are those of one problem only."""

from __future__ import annotations

from typing import Any

from partload.instances.generation import families
from partload.instances.generation.families import Family
from partload.instances.partial_loading import generators as of_partial_loading
from partload.instances.slide import generators as of_slide

FAMILIES: dict[str, Family] = of_partial_loading.FAMILIES | of_slide.FAMILIES


def generate(family: str, **options: Any) -> Any:
    """An instance of one of the ``FAMILIES``, as ``families.generate`` makes it."""
    return families.generate(FAMILIES, family, options)
