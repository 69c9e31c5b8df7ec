"""What can be asked of every generator of PartialLoading, beside what both problems have."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from partload.instances.errors import InputError
from partload.instances.fields import STRICT, Count, NonNegative, Positive
from partload.instances.generation import options as shared
from partload.instances.generation.options import Size
from partload.instances.partial_loading.instance import Residency, Uplink, Visits

BANDWIDTH_HZ = 20e6
ZIPF_EXPONENT = 0.8

Part = Annotated[float, Field(strict=True, gt=0, lt=1)]
AboveOne = Annotated[float, Field(strict=True, gt=1, allow_inf_nan=False)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Options(shared.Options):
    """Options common to all families of PartialLoading; raises as the record that it extends."""

    models: Size = Field(6, description="number of models")
    requests: Size = Field(20, description="number of requests")
    popularity: Literal["uniform", "zipf"] = Field("uniform", description="how requests fall on models")
    zipf_exponent: Positive | None = Field(None, description=f"with popularity zipf: its exponent [{ZIPF_EXPONENT}]")
    arrivals: Part | None = Field(
        None, description="requests arrive in this first part of the time to their deadlines [all at time 0]"
    )
    memory: AboveOne | None = Field(None, description="GPU memory as a multiple of the largest model [unlimited]")
    max_batch: Count | None = Field(None, description="most requests in one batch, for every model [unlimited]")
    load_latency: NonNegative = Field(0.0, description="seconds paid by every slot that loads anything")
    residency: Residency = Field("previous", description="what a slot finds in memory")
    visits: Visits = Field("once", description="how often a model may be visited")
    uplink: Uplink = Field("slotted", description="how the band is shared")
    bandwidth: Positive | None = Field(None, description=f"uplink bandwidth in hertz [{BANDWIDTH_HZ:g}; integer: 1]")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.zipf_exponent is not None and self.popularity != "zipf":
            raise InputError("expected popularity zipf beside it", "zipf_exponent")
        if self.integer:
            if self.bandwidth is not None:
                raise InputError("expected none in the integer variant, where it is 1", "bandwidth")
            self._check_whole("load_latency")
