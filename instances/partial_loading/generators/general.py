"""General sharing: blocks are shared by arbitrary subsets of the models, without clusters or order."""

from __future__ import annotations

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from partload.instances.fields import STRICT
from partload.instances.generation.options import Size
from partload.instances.partial_loading.generators.catalogue import Catalogue, block_sizes, synthetic
from partload.instances.partial_loading.generators.options import Options

SHARED_PER_MODEL = 2
MOST_OWNERS = 6


@dataclass(frozen=True, kw_only=True, config=STRICT)
class GeneralOptions(Options):
    """Options of the family ``general``."""

    shared_blocks: Size | None = Field(
        None, description=f"number of shared blocks, each of 2 to {MOST_OWNERS} models [{SHARED_PER_MODEL} per model]"
    )


def general(options: GeneralOptions, rng: np.random.Generator) -> Catalogue:
    """Blocks ``s0``, ``s1``, ... that random subsets of the models share, and one ``m0.private`` of each model."""
    shared = [f"s{n}" for n in range(options.shared_blocks or SHARED_PER_MODEL * options.models)]
    private = [f"m{i}.private" for i in range(options.models)]
    sizes = dict(zip(shared, block_sizes(options, rng, len(shared), 100, 500)))
    sizes |= dict(zip(private, block_sizes(options, rng, len(private), 100, 500)))
    models: list[list[str]] = [[] for _ in range(options.models)]
    least, most = min(2, options.models), min(MOST_OWNERS, options.models)
    for block in shared:
        owners = int(rng.integers(least, most, endpoint=True))
        for i in np.argsort(rng.random(options.models), kind="stable")[:owners].tolist():
            models[i].append(block)
    return synthetic(options, rng, sizes, [(*blocks, own) for blocks, own in zip(models, private)])
