"""Models of random layers: early layers are small with much work, late layers large with little work.

Convolutional networks have this shape. The integer variant draws sizes and work as small whole numbers, sometimes 0.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from partload.instances.errors import InputError
from partload.instances.fields import STRICT
from partload.instances.generation.options import Size
from partload.instances.slide.generators.catalogue import Catalogue
from partload.instances.slide.generators.options import Options
from partload.instances.slide.instance import Layer, Model

MEGABYTE = 1_000_000
MEGAFLOP = 1_000_000
LAYER_MEGABYTES = (1, 20)
LAYER_MEGAFLOP = (2_000, 60_000)
INTEGER_SIZE = 3
INTEGER_WORK = 2
LEAST_ACCURACY = 0.6
GREATEST_ACCURACY = 0.9
MOST_MODELS = 20_000
"""One choice for each model lists about half of the models: this many models take about 5 GB."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SyntheticOptions(Options):
    """Options of the family ``slide-synthetic``."""

    models: Size = Field(4, description="number of models")
    layers: Size = Field(8, description="layers of each model")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.models > MOST_MODELS:
            raise InputError(f"expected at most {MOST_MODELS}, got {self.models}", "models")
        self._check_product("models", "layers")


def synthetic(options: SyntheticOptions, rng: np.random.Generator) -> Catalogue:
    """Models ``m0``, ``m1``, ..., each with layers of increasing size; a larger model is more accurate.

    There are as many choices as models; choice i has model i, and each other model with probability one half.
    """
    shape = (options.models, options.layers)
    sizes, work = _layers(options, rng, shape)
    rank = np.argsort(np.argsort(sizes.sum(axis=1), kind="stable"), kind="stable")
    step = (GREATEST_ACCURACY - LEAST_ACCURACY) / max(1, options.models - 1)
    others = rng.random((options.models, options.models)) < 0.5
    models = tuple(
        Model(
            f"m{i}",
            tuple(Layer(float(size), float(flop)) for size, flop in zip(sizes[i].tolist(), work[i].tolist())),
            round(LEAST_ACCURACY + step * int(rank[i]), 4),
        )
        for i in range(options.models)
    )
    choices = tuple(
        tuple(model.id for j, model in enumerate(models) if i == j or others[i, j]) for i in range(options.models)
    )
    return Catalogue(models, choices, {"sizes": "synthetic", "work": "synthetic", "accuracies": "synthetic"})


def _layers(
    options: SyntheticOptions, rng: np.random.Generator, shape: tuple[int, int]
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int64]], np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Bytes and FLOP of each layer of each model."""
    if options.integer:
        return rng.integers(0, INTEGER_SIZE, shape, endpoint=True), rng.integers(0, INTEGER_WORK, shape, endpoint=True)
    sizes = np.sort(rng.integers(*LAYER_MEGABYTES, shape, endpoint=True), axis=1) * MEGABYTE
    work = np.sort(rng.integers(*LAYER_MEGAFLOP, shape, endpoint=True), axis=1)[:, ::-1] * MEGAFLOP
    return sizes, work
