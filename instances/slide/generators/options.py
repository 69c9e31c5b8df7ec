"""Options of all generators of SLIDE, beyond those of both problems."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from partload.instances.fields import STRICT, Count, Positive
from partload.instances.generation import options as shared
from partload.instances.generation.options import Size
from partload.instances.slide.instance import Frequency

BANDWIDTH_HZ = 200e6
INTEGER_HERTZ = 8.0
"""Bandwidth for each user of the integer variant, whose sizes are a few bytes."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Options(shared.Options):
    """Options of all families of SLIDE; raises the same errors as the record that it extends."""

    users: Size = Field(20, description="number of users")
    floors: Literal["none", "random"] = Field(
        "random", description="least accuracy of a user: none, or that of one of the user's models"
    )
    energy: Positive | None = Field(
        None,
        description="energy budget as a multiple of what the user's model with the least work takes at a speed between "
        "half and all of the greatest [unlimited]",
    )
    frequency: Frequency = Field("per-device", description="one speed for the device, or one for each layer")
    parts: Count | None = Field(
        None, description="so many parts of each model, layers merged; 1 is download, then infer [the layers]"
    )
    bandwidth: Positive | None = Field(
        None, description=f"downlink bandwidth in hertz [{BANDWIDTH_HZ:g}; integer: {INTEGER_HERTZ:g} for each user]"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.integer:
            self._check_whole("bandwidth", "energy")
