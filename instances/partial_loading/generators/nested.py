"""Nested sharing: per cluster, the bottom layers of one backbone are frozen to different depths, the rest is private.

Two models of a cluster share the layers up to the lesser of their depths.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from partload.instances.fields import STRICT
from partload.instances.generation.options import Size
from partload.instances.partial_loading.generators.catalogue import Catalogue, block_sizes, synthetic
from partload.instances.partial_loading.generators.options import Options

MODELS_PER_CLUSTER = 4


@dataclass(frozen=True, kw_only=True, config=STRICT)
class NestedOptions(Options):
    """Options of the family ``nested``."""

    clusters: Size | None = Field(None, description=f"number of clusters [one for {MODELS_PER_CLUSTER} models]")
    layers: Size = Field(8, description="layers of each backbone")

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_product("models", "layers")
        if self.clusters is not None:
            self._check_product("clusters", "layers")


def nested(options: NestedOptions, rng: np.random.Generator) -> Catalogue:
    """Blocks ``c0.layer0`` of a cluster, from the bottom up, ``m0.layer5`` that model 0 tuned, and its ``m0.head``."""
    clusters = options.clusters or -(-options.models // MODELS_PER_CLUSTER)
    sizes: dict[str, int] = {}
    layers = [block_sizes(options, rng, options.layers, 100, 500) for _ in range(clusters)]
    heads = block_sizes(options, rng, options.models, 10, 100)
    depths = rng.integers(1, options.layers, options.models, endpoint=True).tolist()
    models = []
    for i, (depth, head) in enumerate(zip(depths, heads)):
        cluster = i % clusters
        names = [f"{f'c{cluster}' if n < depth else f'm{i}'}.layer{n}" for n in range(options.layers)]
        sizes |= dict(zip(names, layers[cluster]))
        sizes[f"m{i}.head"] = head
        models.append((*names, f"m{i}.head"))
    return synthetic(options, rng, sizes, models)
