"""Fine-tuned families of real networks: exact stage sizes, bottom stages frozen to a depth, the rest private.

ResNet, ViT, GPT-2 and LLaMA models keep the bottom of the published network, tune the stages above and have a head for
classes of their own. ``llama_7b_lora`` freezes the whole network and adds a low-rank adapter.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from partload.instances.data import Architecture, architectures, measured_server
from partload.instances.errors import InputError
from partload.instances.fields import STRICT, Text
from partload.instances.partial_loading.generators.catalogue import IMAGE_BYTES, Catalogue, scaled_model
from partload.instances.partial_loading.generators.options import Options
from partload.instances.partial_loading.instance import Block, Model

PROMPT_BYTES = (200, 4000)
PROMPT_TOKENS = 32
"""Length of a LLaMA prompt that its batch times assume; GPT-2's profile is for 128 tokens."""
CLASSES = (2, 1000)
ACTIVATIONS_PER_FEATURE = 2000
"""Activations of one request, in numbers per feature of the head: an assumption."""
MEASURED = "resnet50"
LORA = "llama_7b_lora"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ArchitecturesOptions(Options):
    """Options of the family ``architectures``."""

    networks: Text = Field(
        "resnet50,vit_b_16,gpt2", description="published networks, separated by commas; the models take turns"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        allowed = (*architectures(), LORA)
        for network in self.networks.split(","):
            if network not in allowed:
                raise InputError(f"expected some of {', '.join(allowed)}, got {network!r}", "networks")
        if self.integer:
            raise InputError("expected false: real networks have the sizes they have", "integer")


def fine_tuned(options: ArchitecturesOptions, rng: np.random.Generator) -> Catalogue:
    """Blocks ``resnet50.layer1.0`` that are frozen, ``resnet50-0.layer4.2`` that model ``resnet50-0`` tuned."""
    known, networks = architectures(), options.networks.split(",")
    sizes: dict[str, int] = {}
    models: list[Model] = []
    inputs = []
    for i in range(options.models):
        network = networks[i % len(networks)]
        architecture = known["llama_7b" if network == LORA else network]
        name = f"{network}-{sum(model.id.startswith(f'{network}-') for model in models)}"
        adapted = _adapted if network == LORA else _tuned
        parameters = adapted(network, name, architecture, rng)
        sizes |= {block: count * architecture.bytes_per_parameter for block, count in parameters.items()}
        models.append(_model(options, name, tuple(parameters), architecture))
        inputs.append(PROMPT_BYTES if network.startswith(("gpt", "llama")) else IMAGE_BYTES)
    blocks = tuple(Block(block, size) for block, size in sizes.items())
    return Catalogue(blocks, tuple(models), tuple(inputs), _notes(options))


def _tuned(network: str, name: str, architecture: Architecture, rng: np.random.Generator) -> dict[str, int]:
    """Parameters of each block of a model that froze at least the lower half of its stages below the head."""
    *body, head = architecture.stages
    depth = int(rng.integers(len(body) // 2, len(body), endpoint=True))
    classes = int(rng.integers(*CLASSES, endpoint=True))
    parameters = {f"{network if n < depth else name}.{stage.id}": stage.parameters for n, stage in enumerate(body)}
    linear = (architecture.head_features + 1) * classes
    return parameters | {f"{name}.{head.id}": linear + architecture.head_normalisation_parameters}


def _adapted(network: str, name: str, architecture: Architecture, rng: np.random.Generator) -> dict[str, int]:
    """Parameters of each block of a model that is the whole network and an adapter of one of the known sizes."""
    kinds = list(architecture.adapter_parameters.values())
    adapter = kinds[int(rng.integers(len(kinds)))]
    return {f"{network}.{stage.id}": stage.parameters for stage in architecture.stages} | {f"{name}.adapter": adapter}


def _model(options: ArchitecturesOptions, name: str, blocks: tuple[str, ...], architecture: Architecture) -> Model:
    scale = _multiply_accumulates(architecture) / _multiply_accumulates(architectures()[MEASURED])
    activations = ACTIVATIONS_PER_FEATURE * architecture.head_features * architecture.bytes_per_parameter
    return scaled_model(options, name, blocks, scale, activations)


def _multiply_accumulates(architecture: Architecture) -> int:
    """Work of one input below the head; where the profile has none, one per parameter of a block and token."""
    embedding, *blocks = architecture.stages[:-1]
    known = [stage.multiply_accumulates for stage in (embedding, *blocks)]
    if None in known:
        return PROMPT_TOKENS * sum(stage.parameters for stage in blocks)
    return sum(work for work in known if work is not None)


def _notes(options: ArchitecturesOptions) -> dict[str, str]:
    notes = {"sizes": "exact parameter counts of the published networks; heads for 2 to 1000 classes"}
    networks = options.networks.split(",")
    if MEASURED in networks:
        notes["batch_times"] = f"{MEASURED} measured: {measured_server().source}"
    if set(networks) != {MEASURED}:
        notes["batch_times_of_others"] = (
            f"estimate: those of {MEASURED}, scaled by multiply-accumulates; LLaMA's counted as one per parameter and "
            f"token of a prompt of {PROMPT_TOKENS}"
        )
    return notes
