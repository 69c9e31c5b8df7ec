"""Published networks with the exact size and work of each layer: ResNet, ViT, GPT-2.

A layer is a stage of the network, such as a residual block or a transformer block. Its work is its number of
multiply-accumulates for one input, times 2 FLOP, times the number of inputs of a user. LLaMA is left out, since its
profile has no work.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from partload.instances.data import Architecture, architectures
from partload.instances.errors import InputError
from partload.instances.fields import STRICT, Count, Text
from partload.instances.slide.generators.catalogue import Catalogue
from partload.instances.slide.generators.options import Options
from partload.instances.slide.instance import Layer, Model

FLOP_PER_MULTIPLY_ACCUMULATE = 2


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ArchitecturesOptions(Options):
    """Options of the family ``slide-architectures``."""

    networks: Text = Field(
        "resnet18,resnet34,resnet50,resnet101,vit_b_16,gpt2",
        description="published networks, separated by commas; users want one for images or one for text",
    )
    inputs: Count = Field(32, description="inputs that a user runs at once; the work is that many times one's")

    def __post_init__(self) -> None:
        super().__post_init__()
        allowed = [name for name, architecture in architectures().items() if _has_work(architecture)]
        chosen = self.networks.split(",")
        for network in chosen:
            if network not in allowed:
                raise InputError(f"expected some of {', '.join(allowed)}, got {network!r}", "networks")
        if len(set(chosen)) < len(chosen):
            raise InputError("expected no network twice", "networks")
        if self.integer:
            raise InputError("expected false: real networks have the sizes they have", "integer")


def published(options: ArchitecturesOptions, rng: np.random.Generator) -> Catalogue:
    """Models such as ``resnet50``, with layers such as ``layer1.0``; they are not random."""
    known = architectures()
    networks = options.networks.split(",")
    tasks = [tuple(other for other in networks if known[other].task == known[one].task) for one in networks]
    notes = {
        "sizes": "exact parameter counts of the published networks, 4 bytes each",
        "work": f"multiply-accumulates of the published networks for one input, {FLOP_PER_MULTIPLY_ACCUMULATE} FLOP "
        f"each, times {options.inputs} inputs of a user (assumption)",
        "accuracies": "top-1 on ImageNet of torchvision's IMAGENET1K_V1 weights",
    }
    return Catalogue(tuple(_model(name, known[name], options.inputs) for name in networks), tuple(tasks), notes)


def _model(name: str, architecture: Architecture, inputs: int) -> Model:
    layers = tuple(
        Layer(
            size_bytes=float(stage.parameters * architecture.bytes_per_parameter),
            work_flop=float(FLOP_PER_MULTIPLY_ACCUMULATE * inputs * (stage.multiply_accumulates or 0)),
            id=stage.id,
        )
        for stage in architecture.stages
    )
    return Model(name, layers, architecture.top1_accuracy)


def _has_work(architecture: Architecture) -> bool:
    return all(stage.multiply_accumulates is not None for stage in architecture.stages)
