"""Blocks and models as a family makes them, and how the synthetic families draw their sizes and batch times.

Realistic sizes are whole megabytes. The integer variant draws small whole numbers instead: a hundred megabytes of the
realistic one are its unit.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np

from partload.instances.data import measured_server
from partload.instances.generation.draws import significant
from partload.instances.partial_loading.generators.options import Options
from partload.instances.partial_loading.instance import Block, Model

MEGABYTE = 1_000_000
INTEGER_UNIT = 100
"""Megabytes that are 1 in the integer variant."""
ACTIVATION_SHARE = 0.05
"""Activations of one request, relative to the model's size: an assumption."""
IMAGE_BYTES = (100_000, 300_000)
"""Least and greatest input of a request for a model that reads compressed images."""
BATCH_TIME_SHARE = 0.4
"""Batch time per byte of a synthetic model, relative to ResNet-50's: 16 multiply-accumulates per byte against 40, as a
transformer in half precision has that reads 32 tokens. An assumption."""
BATCH_TIME_ESTIMATE = (
    f"estimate: the measured affine latency of ResNet-50, scaled by {BATCH_TIME_SHARE:g} times the size"
)


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """What there is to load and to run; requests are added to it by ``assemble``."""

    blocks: tuple[Block, ...]
    models: tuple[Model, ...]
    input_bytes: tuple[tuple[int, int], ...]
    """Least and greatest input of a request, for each model."""
    notes: Mapping[str, str]
    """Provenance of sizes and times."""


def block_sizes(options: Options, rng: np.random.Generator, count: int, low_mb: int, high_mb: int) -> list[int]:
    """Sizes [byte] of some blocks, each between ``low_mb`` and ``high_mb`` megabytes."""
    unit = 1 if options.integer else MEGABYTE
    scale = INTEGER_UNIT if options.integer else 1
    low, high = max(1, low_mb // scale), max(1, high_mb // scale)
    return [unit * int(size) for size in rng.integers(low, high, count, endpoint=True)]


def synthetic(
    options: Options, rng: np.random.Generator, sizes: Mapping[str, int], models: Sequence[tuple[str, ...]]
) -> Catalogue:
    """A catalogue of models ``m0``, ``m1``, ... that are these tuples of block ids, with batch times to match."""
    made = tuple(
        _model(options, rng, f"m{number}", blocks, sum(sizes[block] for block in blocks))
        for number, blocks in enumerate(models)
    )
    used = {block for blocks in models for block in blocks}
    blocks = tuple(Block(name, size) for name, size in sizes.items() if name in used)
    notes = {"sizes": "synthetic", "batch_times": "synthetic" if options.integer else BATCH_TIME_ESTIMATE}
    return Catalogue(blocks, made, (IMAGE_BYTES,) * len(made), notes)


def scaled_model(options: Options, name: str, blocks: tuple[str, ...], scale: float, activation_bytes: int) -> Model:
    """A model whose batches take ``scale`` times as long as the measured ResNet-50's."""
    server = measured_server()
    return Model(
        id=name,
        blocks=blocks,
        batch_setup_s=significant(server.batch_setup_s * scale),
        batch_per_request_s=significant(server.batch_per_request_s * scale),
        activation_bytes_per_request=activation_bytes,
        max_batch=options.max_batch,
    )


def _model(options: Options, rng: np.random.Generator, name: str, blocks: tuple[str, ...], size: int) -> Model:
    activation_bytes = math.ceil(ACTIVATION_SHARE * size)
    setup, per_request = rng.integers(0, (4, 3))
    if not options.integer:
        scale = BATCH_TIME_SHARE * size / measured_server().load_bytes
        return scaled_model(options, name, blocks, scale, activation_bytes)
    return Model(name, blocks, float(setup), float(per_request), activation_bytes, options.max_batch)
