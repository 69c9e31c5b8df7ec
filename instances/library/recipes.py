"""How every instance of the library is made: by hand, or by a generator with some options.

``python -m partload.instances.library.recipes`` writes all files again, byte for byte the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from partload.instances import files
from partload.instances.generators import generate
from partload.instances.library.by_hand import partial_loading as loading_by_hand
from partload.instances.library.by_hand import slide as slide_by_hand
from partload.instances.partial_loading.instance import Instance as PartialLoadingInstance
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance

DATE = "2026-11-21"

BY_HAND: dict[str, Callable[[], AnyInstance]] = {
    "three-models": loading_by_hand.three_models,
    "visits-once": partial(loading_by_hand.once_or_any, "once"),
    "visits-any": partial(loading_by_hand.once_or_any, "any"),
    "decimal-tie": loading_by_hand.decimal_tie,
    "hidden-backbone": loading_by_hand.hidden_backbone,
    "full-batch": loading_by_hand.full_batch,
    "tool-switching": loading_by_hand.tool_switching,
    "static-band": loading_by_hand.static_band,
    "slide-overlap": slide_by_hand.overlap,
    "slide-decimal-tie": slide_by_hand.decimal_tie,
    "slide-power-ceiling": slide_by_hand.power_ceiling,
    "slide-energy": slide_by_hand.energy_budget,
    "slide-accuracy": slide_by_hand.accuracy_floor,
    "slide-weights": slide_by_hand.weights,
    "slide-layer-speeds": slide_by_hand.layer_speeds,
}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A generated instance."""

    description: str
    """What the instance is for."""
    family: str
    options: Mapping[str, object]
    resident_model: str | None = None
    """A model whose blocks are in memory at time 0."""


GENERATED: dict[str, Recipe] = {
    "backbone-small": Recipe(
        "Backbone sharing in whole numbers, small enough to enumerate: 4 of 8 can be served, 3 with private copies.",
        "backbone",
        {"models": 4, "requests": 8, "seed": 5, "clusters": 2, "integer": True},
    ),
    "general-small-cached": Recipe(
        "What to keep in memory is a decision, in whole numbers: all 7 can be served, 5 with residency previous.",
        "general",
        {
            "models": 4, "requests": 7, "seed": 12, "integer": True, "deadline": 40.0,
            "residency": "cached", "visits": "any", "memory": 1.6,
        },
    ),
    "general-small-pipelined": Recipe(
        "General sharing in whole numbers on a pipelined uplink, with weights and a deadline for each request.",
        "general",
        {
            "models": 4, "requests": 8, "seed": 16, "integer": True, "uplink": "pipelined",
            "weights": "random", "deadlines": "individual",
        },
    ),
    "general-small-static": Recipe(
        "General sharing where each request holds a constant share of the band.",
        "general",
        {"models": 4, "requests": 8, "seed": 19, "uplink": "static"},
    ),
    "general-small-power": Recipe(
        "General sharing with power-limited channels: upload times have no closed form.",
        "general",
        {"models": 4, "requests": 8, "seed": 5, "channel": "power-limited"},
    ),
    "general-10x30-arrivals": Recipe(
        "Requests arrive one after another over the first half of the time: a batch waits for its last one.",
        "general",
        {"models": 10, "requests": 30, "seed": 3, "arrivals": 0.5},
    ),
    "general-9x30": Recipe(
        "The usual size of a first experiment: every exact formulation should prove it.",
        "general",
        {"models": 9, "requests": 30, "seed": 1},
    ),
    "general-12x40": Recipe(
        "A size at which a slot-indexed formulation begins to struggle and one by sequence does not.",
        "general",
        {"models": 12, "requests": 40, "seed": 1},
    ),
    "backbone-12x40": Recipe(
        "Backbone sharing with uneven popularity and limited batches: the dynamic programme's own ground.",
        "backbone",
        {"models": 12, "requests": 40, "seed": 6, "popularity": "zipf", "max_batch": 3},
    ),
    "nested-12x36": Recipe(
        "Backbones frozen to different depths, in whole numbers with a load latency: many ties between plans.",
        "nested",
        {"models": 12, "requests": 36, "seed": 7, "integer": True, "load_latency": 1.0},
    ),
    "lora-10x40": Recipe(
        "Adapters over two bases with weights and a deadline for each request.",
        "lora",
        {"models": 10, "requests": 40, "seed": 8, "weights": "random", "deadlines": "individual"},
    ),
    "general-8x24-cached": Recipe(
        "Memory for one and a half of the largest model, which its activations share; what to keep is a decision.",
        "general",
        {"models": 8, "requests": 24, "seed": 9, "residency": "cached", "visits": "any", "memory": 1.5},
    ),
    "v100-resnet50": Recipe(
        "Eight fine-tuned ResNet-50 on the measured V100 server: load rate and batch times are measurements. Loads of "
        "8 ms hide behind the uploads, so sharing gains nothing here.",
        "architectures",
        {"models": 8, "requests": 32, "seed": 10, "networks": "resnet50", "bandwidth": 40e6, "max_batch": 16},
    ),
    "v100-vision": Recipe(
        "Vision models on the measured V100 server, little memory, a load latency, one model resident at the start.",
        "architectures",
        {
            "models": 9, "requests": 30, "seed": 11, "networks": "resnet50,resnet101,vit_b_16",
            "bandwidth": 40e6, "memory": 1.2, "load_latency": 0.001, "uplink": "pipelined",
        },
        resident_model="vit_b_16-0",
    ),
    "edge-demo": Recipe(
        "The demonstration: fine-tuned ResNet-50 and ViT-L, and LLaMA-7B with adapters, on the measured V100 server. "
        "LLaMA takes 1.1 s to load, so whether its adapters share the base decides how many requests are served.",
        "architectures",
        {
            "models": 8, "requests": 26, "seed": 2, "deadline": 2.6,
            "networks": "resnet50,vit_l_16,llama_7b_lora,llama_7b_lora",
        },
    ),
    "general-20x100": Recipe(
        "Beyond dynamic programmes over subsets; provable with a count per model.",
        "general",
        {"models": 20, "requests": 100, "seed": 12},
    ),
    "general-60x1000": Recipe(
        "Large, with uneven popularity: hard to prove.",
        "general",
        {"models": 60, "requests": 1000, "seed": 13, "popularity": "zipf"},
    ),
    "fleet-40x400": Recipe(
        "Everything at once on the measured V100 server, beyond what is proved today: real networks, power-limited "
        "channels, weights, deadlines of their own, limited memory, and what to keep in it is a decision.",
        "architectures",
        {
            "models": 40, "requests": 400, "seed": 14,
            "networks": "resnet18,resnet34,resnet50,resnet101,vit_b_16,vit_l_16,gpt2",
            "popularity": "zipf", "deadlines": "individual", "weights": "random", "channel": "power-limited",
            "residency": "cached", "visits": "any", "memory": 1.5, "max_batch": 16,
        },
    ),
    "slide-tiny-integer": Recipe(
        "SLIDE in whole numbers with energy budgets that are met exactly at whole speeds, small enough to enumerate: a "
        "weight of 14 of 23 can be served, 10 if the download comes first.",
        "slide-synthetic",
        {"users": 6, "models": 3, "layers": 4, "seed": 1, "integer": True, "energy": 1.0, "weights": "random"},
    ),
    "slide-tiny-power": Recipe(
        "SLIDE with power-limited channels, energy budgets and one speed per layer, small enough to enumerate: 4 of 6 "
        "can be served, 3 with one speed for the device, 1 if the download comes first.",
        "slide-synthetic",
        {
            "users": 6, "models": 3, "layers": 4, "seed": 6, "channel": "power-limited", "energy": 0.8,
            "frequency": "per-layer",
        },
    ),
    "slide-cell-20": Recipe(
        "Twenty users of a cell, from phone to laptop, want published vision or text models by one deadline.",
        "slide-architectures",
        {"users": 20, "seed": 1},
    ),
    "slide-cell-60": Recipe(
        "Sixty users of a cell with weights, deadlines of their own and energy budgets on power-limited channels.",
        "slide-architectures",
        {
            "users": 60, "seed": 2, "inputs": 96, "channel": "power-limited", "weights": "random",
            "deadlines": "individual", "energy": 0.8,
        },
    ),
    "slide-campus-200": Recipe(
        "Two hundred users with clips of 256 images or texts, energy budgets and one speed per layer.",
        "slide-architectures",
        {
            "users": 200, "seed": 3, "inputs": 256, "energy": 0.7, "frequency": "per-layer",
            "networks": "resnet18,resnet34,resnet50,resnet101,vit_b_16,vit_l_16,gpt2",
        },
    ),
}  # fmt: skip


def make(name: str) -> AnyInstance:
    """The instance of that name; KeyError when there is no recipe for it."""
    if name in BY_HAND:
        instance = BY_HAND[name]()
        return instance.replace(provenance={**(instance.provenance or {}), "date": DATE})
    recipe = GENERATED[name]
    instance = generate(recipe.family, **recipe.options)
    if recipe.resident_model:
        assert isinstance(instance, PartialLoadingInstance)
        resident = instance.models[instance.model_index[recipe.resident_model]].blocks
        instance = instance.replace(resident_blocks=resident)
    provenance = {**(instance.provenance or {}), "date": DATE}
    return instance.replace(name=name, description=recipe.description, provenance=provenance)


def write_all(root: Path) -> None:
    """Write every instance into the folder of its problem."""
    for name in (*BY_HAND, *GENERATED):
        instance = make(name)
        files.write(instance, root / problem_of(instance).package / f"{name}.json")


if __name__ == "__main__":
    write_all(Path(__file__).parent)
