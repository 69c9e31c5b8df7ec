"""Generators of PartialLoading instances: one file a family, and the registry of families.

A family makes blocks and models; ``assemble`` adds the server and the requests, alike for all.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable
from typing import Any

import numpy as np
from pydantic import ValidationError

from instances.errors import InputError, item_path
from instances.partial_loading.generators.architectures import ArchitecturesOptions, fine_tuned
from instances.partial_loading.generators.assemble import assemble
from instances.partial_loading.generators.backbone import BackboneOptions, backbone
from instances.partial_loading.generators.catalogue import Catalogue
from instances.partial_loading.generators.general import GeneralOptions, general
from instances.partial_loading.generators.lora import LoraOptions, lora
from instances.partial_loading.generators.nested import NestedOptions, nested
from instances.partial_loading.generators.options import Options
from instances.partial_loading.instance import Instance

STREAMS = 6
"""Random numbers of their own for the catalogue and for the five kinds of choice that make requests."""


@dataclasses.dataclass(frozen=True)
class Family:
    """A family of instances."""

    make: Callable[[Any, np.random.Generator], Catalogue]
    options: type[Options]
    description: str

    def generate(self, name: str, options: Options) -> Instance:
        """The instance with these options; the same ones give the same instance on every machine."""
        of_catalogue, *of_requests = np.random.default_rng(options.seed).spawn(STREAMS)
        return assemble(name, options, self.make(options, of_catalogue), of_requests)


FAMILIES: dict[str, Family] = {
    "backbone": Family(backbone, BackboneOptions, "models of a cluster share one backbone, clusters share nothing"),
    "nested": Family(nested, NestedOptions, "one backbone per cluster, frozen to different depths"),
    "general": Family(general, GeneralOptions, "blocks shared by arbitrary subsets of the models"),
    "lora": Family(lora, LoraOptions, "a large base or a few, and a small adapter for each model"),
    "architectures": Family(fine_tuned, ArchitecturesOptions, "fine-tuned ResNet, ViT, GPT-2 and LLaMA models"),
}


def generate(family: str, **options: Any) -> Instance:
    """An instance of a family.

    Parameters
    ----------
    family
        A key of ``FAMILIES``.
    **options
        Fields of the family's record of options; what is left out takes its default.

    Raises
    ------
    InputError
        On an unknown family or option, with those there are, and on a value that an option does not allow.
    """
    if family not in FAMILIES:
        raise InputError(f"expected one of {', '.join(FAMILIES)}, got {family!r}", "family")
    record = FAMILIES[family].options
    allowed = list(record.__dataclass_fields__)
    for name in options:
        if name not in allowed:
            near = difflib.get_close_matches(name, allowed, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise InputError(f"unknown option, {hint}{family} has {', '.join(allowed)}", name)
    try:
        return FAMILIES[family].generate(family, record(**options))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        wanted = first["msg"].replace("Input should be", "expected").replace("valid integer", "whole number")
        raise InputError(
            f"{wanted[:1].lower()}{wanted[1:]}, got {first['input']!r}", item_path(*first["loc"])
        ) from None
