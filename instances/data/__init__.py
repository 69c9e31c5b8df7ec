"""Facts about real architectures, servers and radio, with their sources: ``real_profiles.json``, read into records.

Sizes are exact parameter counts; what is measured and what is an estimate is told in the file.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

IMAGE = "224x224x3"
"""Input of the networks for images."""


@dataclasses.dataclass(frozen=True)
class Stage:
    """A piece of a network, the finest unit in which it is frozen or fine-tuned."""

    id: str
    parameters: int
    multiply_accumulates: int | None
    """Of one input; None where the profile has none."""


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A network as published."""

    stages: tuple[Stage, ...]
    """From input to output; the last one is the head."""
    bytes_per_parameter: int
    head_features: int
    """Width of what the head reads."""
    head_normalisation_parameters: int
    """Parameters of the head beside its linear layer."""
    adapter_parameters: Mapping[str, int]
    """Sizes of low-rank adapters by kind; empty where the profile has none."""
    task: str
    """What its inputs are: images or text."""
    top1_accuracy: float | None
    """On ImageNet, 0 to 1; None where the profile has none."""


@dataclasses.dataclass(frozen=True)
class ServerProfile:
    """A server measured with one network."""

    load_rate_bytes_per_s: float
    batch_setup_s: float
    """alpha of the affine fit."""
    batch_per_request_s: float
    """beta of the affine fit."""
    load_bytes: float
    """Size of the measured network."""
    source: str


@dataclasses.dataclass(frozen=True)
class Radio:
    """Path loss and noise of a cell: path loss [dB] = at 1 km + per decade * log10(distance in km)."""

    path_loss_at_1_km_db: float
    path_loss_per_decade_db: float
    noise_dbm_per_hz: float


def architectures() -> dict[str, Architecture]:
    """The architectures by name."""
    return {name: _architecture(profile) for name, profile in _profiles()["architectures"].items()}


def measured_server() -> ServerProfile:
    """ResNet-50 on one V100: the server of all realistic instances."""
    profile = _profiles()["measured"][0]
    return ServerProfile(
        load_rate_bytes_per_s=profile["load_rate_bytes_per_s"],
        batch_setup_s=profile["affine_fit_s"]["batch_setup_s"],
        batch_per_request_s=profile["affine_fit_s"]["batch_per_request_s"],
        load_bytes=profile["load_bytes"],
        source=f"{profile['what']}: {profile['source']}",
    )


def radio() -> Radio:
    """The macro-cell model."""
    profile = _profiles()["radio"]
    return Radio(**{field.name: profile[field.name] for field in dataclasses.fields(Radio)})


def _architecture(profile: dict[str, Any]) -> Architecture:
    return Architecture(
        stages=tuple(
            Stage(stage["id"], stage["parameters"], stage.get("multiply_accumulates")) for stage in profile["stages"]
        ),
        bytes_per_parameter=profile["bytes_per_parameter"],
        head_features=profile["head"]["features"],
        head_normalisation_parameters=profile["head"]["normalisation_parameters"],
        adapter_parameters=profile.get("lora_adapter_parameters", {}),
        task="images" if profile.get("input") == IMAGE else "text",
        top1_accuracy=profile.get("top1_accuracy"),
    )


@functools.cache
def _profiles() -> dict[str, Any]:
    text = resources.files(__name__).joinpath("real_profiles.json").read_text(encoding="utf-8")
    profiles: dict[str, Any] = json.loads(text)
    return profiles
