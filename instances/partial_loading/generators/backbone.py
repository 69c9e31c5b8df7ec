"""Backbone sharing: the models of a cluster share one set of blocks and nothing else; clusters share nothing.

So do fine-tuned models whose common part is frozen as a whole.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from partload.instances.fields import STRICT
from partload.instances.generation.options import Size
from partload.instances.partial_loading.generators.catalogue import Catalogue, block_sizes, synthetic
from partload.instances.partial_loading.generators.options import Options

MODELS_PER_CLUSTER = 3
BACKBONE_BLOCKS = 4
PRIVATE_BLOCKS = 2


@dataclass(frozen=True, kw_only=True, config=STRICT)
class BackboneOptions(Options):
    """Options of the family ``backbone``."""

    clusters: Size | None = Field(None, description=f"number of clusters [one for {MODELS_PER_CLUSTER} models]")


def backbone(options: BackboneOptions, rng: np.random.Generator) -> Catalogue:
    """Blocks ``c0.backbone0`` of a cluster, ``m0.private0`` of a model; model i has cluster i modulo their number."""
    clusters = options.clusters or -(-options.models // MODELS_PER_CLUSTER)
    shared = [tuple(f"c{c}.backbone{n}" for n in range(BACKBONE_BLOCKS)) for c in range(clusters)]
    private = [tuple(f"m{i}.private{n}" for n in range(PRIVATE_BLOCKS)) for i in range(options.models)]
    names = [block for blocks in shared for block in blocks]
    sizes = dict(zip(names, block_sizes(options, rng, len(names), 200, 600)))
    names = [block for blocks in private for block in blocks]
    sizes |= dict(zip(names, block_sizes(options, rng, len(names), 100, 400)))
    return synthetic(options, rng, sizes, [shared[i % clusters] + own for i, own in enumerate(private)])
