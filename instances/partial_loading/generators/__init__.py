"""Generators of PartialLoading instances: one file a family, and the registry of families.

A family makes blocks and models; ``assemble`` adds the server and the requests, alike for all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from partload.instances.generation import families
from partload.instances.generation.families import Family
from partload.instances.partial_loading.generators.architectures import ArchitecturesOptions, fine_tuned
from partload.instances.partial_loading.generators.assemble import assemble
from partload.instances.partial_loading.generators.backbone import BackboneOptions, backbone
from partload.instances.partial_loading.generators.catalogue import Catalogue
from partload.instances.partial_loading.generators.general import GeneralOptions, general
from partload.instances.partial_loading.generators.lora import LoraOptions, lora
from partload.instances.partial_loading.generators.nested import NestedOptions, nested
from partload.instances.partial_loading.generators.options import Options
from partload.instances.partial_loading.instance import Instance

STREAMS = 7
"""Random numbers of their own for the catalogue and for the six kinds of choice that make requests."""

OptionsT = TypeVar("OptionsT", bound=Options)


def _family(
    make: Callable[[OptionsT, np.random.Generator], Catalogue], options: type[OptionsT], description: str
) -> Family[Instance]:
    """A family, from the function that makes its blocks and models."""
    return families.family_of(make, options, description, assemble, STREAMS)


FAMILIES: dict[str, Family[Instance]] = {
    "backbone": _family(backbone, BackboneOptions, "models of a cluster share one backbone, clusters share nothing"),
    "nested": _family(nested, NestedOptions, "one backbone per cluster, frozen to different depths"),
    "general": _family(general, GeneralOptions, "blocks shared by arbitrary subsets of the models"),
    "lora": _family(lora, LoraOptions, "a large base or a few, and a small adapter for each model"),
    "architectures": _family(fine_tuned, ArchitecturesOptions, "fine-tuned ResNet, ViT, GPT-2 and LLaMA models"),
}


def generate(family: str, **options: object) -> Instance:
    """Generate an instance of one of the ``FAMILIES``; see ``families.generate``."""
    return families.generate(FAMILIES, family, options)
