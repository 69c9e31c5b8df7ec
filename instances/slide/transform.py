"""Transformations of instances."""

from __future__ import annotations

import dataclasses
import itertools

from partload.instances.slide.instance import Instance, Layer, Model
from partload.instances.sums import known_sum


def merge_parts(instance: Instance, parts: int) -> Instance:
    """The same models with their layers merged into ``parts`` parts; a part computes when all of it has arrived.

    One part is the conventional scheme: download the model, then infer. Parts have nearly equal numbers of layers. A
    model with at most ``parts`` layers is unchanged. If one number of parts is a multiple of another, its parts refine
    the others, so the result is never later.

    Parameters
    ----------
    instance
        Any instance.
    parts
        At least 1.
    """
    return instance.replace(models=tuple(_merge_model(model, parts) for model in instance.models))


def _merge_model(model: Model, parts: int) -> Model:
    count = len(model.layers)
    if count <= parts:
        return model
    groups = itertools.groupby(range(count), key=lambda n: n * parts // count)
    merged = tuple(_merge_layers(tuple(model.layers[n] for n in members)) for _, members in groups)
    return dataclasses.replace(model, layers=merged)


def _merge_layers(layers: tuple[Layer, ...]) -> Layer:
    size = known_sum((layer.size_bytes for layer in layers), "sizes", "layers")
    return Layer(size, known_sum((layer.work_flop for layer in layers), "work", "layers"))
