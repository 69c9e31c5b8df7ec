"""Generators of SLIDE instances: one file for each family, and the registry of families.

A family makes the models; ``assemble`` adds the downlink and the users in the same way for all families.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from partload.instances.generation import families
from partload.instances.generation.families import Family
from partload.instances.slide.generators.architectures import ArchitecturesOptions, published
from partload.instances.slide.generators.assemble import assemble
from partload.instances.slide.generators.catalogue import Catalogue
from partload.instances.slide.generators.options import Options
from partload.instances.slide.generators.synthetic import SyntheticOptions, synthetic
from partload.instances.slide.instance import Instance

STREAMS = 8
"""Independent random number generators: one for the models, seven for the properties of users."""

OptionsT = TypeVar("OptionsT", bound=Options)


def _family(
    make: Callable[[OptionsT, np.random.Generator], Catalogue], options: type[OptionsT], description: str
) -> Family[Instance]:
    """A family, from the function that makes its models."""
    return families.family_of(make, options, description, assemble, STREAMS)


FAMILIES: dict[str, Family[Instance]] = {
    "slide-architectures": _family(
        published, ArchitecturesOptions, "users download published ResNet, ViT and GPT-2 models"
    ),
    "slide-synthetic": _family(synthetic, SyntheticOptions, "users download models of random layers"),
}


def generate(family: str, **options: object) -> Instance:
    """Generate an instance of one of the ``FAMILIES``; see ``families.generate``."""
    return families.generate(FAMILIES, family, options)
