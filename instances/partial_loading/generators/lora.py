"""Low-rank adapters: one large base, or a few, and many models that are a base with a small adapter of their own."""

from __future__ import annotations

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from partload.instances.fields import STRICT
from partload.instances.generation.options import Size
from partload.instances.partial_loading.generators.catalogue import Catalogue, block_sizes, synthetic
from partload.instances.partial_loading.generators.options import Options

BASE_BLOCKS = 4


@dataclass(frozen=True, kw_only=True, config=STRICT)
class LoraOptions(Options):
    """Options of the family ``lora``."""

    bases: Size = Field(2, description="number of bases")


def lora(options: LoraOptions, rng: np.random.Generator) -> Catalogue:
    """Blocks ``base0.part0`` of a base and ``m0.adapter`` of a model; model i has base i modulo the number of bases."""
    bases = [tuple(f"base{b}.part{n}" for n in range(BASE_BLOCKS)) for b in range(options.bases)]
    parts = [part for base in bases for part in base]
    adapters = [f"m{i}.adapter" for i in range(options.models)]
    sizes = dict(zip(parts, block_sizes(options, rng, len(parts), 500, 1500)))
    sizes |= dict(zip(adapters, block_sizes(options, rng, len(adapters), 10, 100)))
    return synthetic(options, rng, sizes, [(*bases[i % options.bases], own) for i, own in enumerate(adapters)])
