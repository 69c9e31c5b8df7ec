"""Instances made from instances."""

from __future__ import annotations

import dataclasses
import itertools

from partload.instances.slide.instance import Instance, Layer, Model
from partload.instances.sums import known_sum


def merge_parts(instance: Instance, parts: int) -> Instance:
    """The same models in fewer layers: each is split into so many parts, and a part computes when all of it is here.

    One part is the conventional scheme: download the model, then run it. Parts have as equal a number of layers as can
    be. A model that has no more layers than that stays as it is. Where one number of parts is a multiple of another,
    every beginning of a part among the fewer is one among the more, so more parts never end later.

    Parameters
    ----------
    instance
        Any instance.
    parts
        At least 1.
    """
    return instance.replace(models=tuple(_merged(model, parts) for model in instance.models))


def _merged(model: Model, parts: int) -> Model:
    count = len(model.layers)
    if count <= parts:
        return model
    groups = itertools.groupby(range(count), key=lambda n: n * parts // count)
    merged = tuple(_joined(tuple(model.layers[n] for n in members)) for _, members in groups)
    return dataclasses.replace(model, layers=merged)


def _joined(layers: tuple[Layer, ...]) -> Layer:
    size = known_sum((layer.size_bytes for layer in layers), "sizes", "layers")
    return Layer(size, known_sum((layer.work_flop for layer in layers), "work", "layers"))
