"""Profiles of real architectures, servers and radio with their sources, read from ``real_profiles.json``.

Sizes are exact parameter counts. The file says which numbers are measured and which are estimated.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Mapping
from importlib import resources
from typing import NotRequired, TypedDict

IMAGE = "224x224x3"
"""Input shape of networks for images, as profiles name it."""


@dataclasses.dataclass(frozen=True)
class Stage:
    """A stage of a network, the finest unit that is frozen or fine-tuned."""

    id: str
    parameters: int
    multiply_accumulates: int | None
    """For one input; None where the profile has no number."""


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A network as published."""

    stages: tuple[Stage, ...]
    """From input to output; the last one is the head."""
    bytes_per_parameter: int
    head_features: int
    """Number of features that the head reads."""
    head_normalisation_parameters: int
    """Parameters of the head outside of its linear layer."""
    adapter_parameters: Mapping[str, int]
    """Parameters of low-rank adapters by kind; empty where the profile has none."""
    task: str
    """Kind of its inputs, ``images`` or ``text``."""
    top1_accuracy: float | None
    """On ImageNet, 0 to 1; None where the profile has no number."""


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
    """ResNet-50 on one V100, the server of all realistic instances."""
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
    return Radio(profile["path_loss_at_1_km_db"], profile["path_loss_per_decade_db"], profile["noise_dbm_per_hz"])


class _StageProfile(TypedDict):
    id: str
    parameters: int
    multiply_accumulates: NotRequired[int]


class _HeadProfile(TypedDict):
    features: int
    normalisation_parameters: int


class _ArchitectureProfile(TypedDict):
    stages: list[_StageProfile]
    head: _HeadProfile
    bytes_per_parameter: int
    input: NotRequired[str]
    lora_adapter_parameters: NotRequired[dict[str, int]]
    top1_accuracy: NotRequired[float]


class _AffineFit(TypedDict):
    batch_setup_s: float
    batch_per_request_s: float


class _ServerMeasurement(TypedDict):
    what: str
    load_rate_bytes_per_s: float
    load_bytes: float
    affine_fit_s: _AffineFit
    source: str


class _RadioProfile(TypedDict):
    path_loss_at_1_km_db: float
    path_loss_per_decade_db: float
    noise_dbm_per_hz: float


class _Profiles(TypedDict):
    """The parts of ``real_profiles.json`` that are read."""

    architectures: dict[str, _ArchitectureProfile]
    measured: list[_ServerMeasurement]
    radio: _RadioProfile


def _architecture(profile: _ArchitectureProfile) -> Architecture:
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
def _profiles() -> _Profiles:
    text = resources.files(__name__).joinpath("real_profiles.json").read_text(encoding="utf-8")
    profiles: _Profiles = json.loads(text)
    return profiles
