"""What can be asked of every generator: one frozen record, each field with its type, default, range and one line.

A family adds its own few options in a record of its own that extends this one. The command line is built from these
records: a field is an option.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from instances.errors import InputError
from instances.fields import STRICT, Count, Flag, NonNegative, Positive
from instances.partial_loading.instance import Residency, Uplink, Visits

BANDWIDTH_HZ = 20e6
ZIPF_EXPONENT = 0.8
DEADLINE_SPREAD = 0.5

AboveOne = Annotated[float, Field(strict=True, gt=1, allow_inf_nan=False)]
Spread = Annotated[float, Field(strict=True, gt=0, lt=1)]
Seed = Annotated[int, Field(strict=True, ge=0)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Options:
    """Options common to all families; None stands for a default that another option decides.

    Raises
    ------
    InputError
        When two options exclude each other, or the integer variant is asked for a value that is not whole.
    pydantic.ValidationError
        On a value of the wrong type or out of range.
    """

    models: Count = Field(6, description="number of models")
    requests: Count = Field(20, description="number of requests")
    seed: Seed = Field(0, description="seed of the random numbers")
    popularity: Literal["uniform", "zipf"] = Field("uniform", description="how requests fall on models")
    zipf_exponent: Positive | None = Field(None, description=f"with popularity zipf: its exponent [{ZIPF_EXPONENT}]")
    deadline: Positive | None = Field(None, description="seconds [about half to two thirds can be served]")
    deadlines: Literal["common", "individual"] = Field("common", description="one deadline, or one for each request")
    deadline_spread: Spread | None = Field(
        None, description=f"with individual deadlines: relative spread around the deadline [{DEADLINE_SPREAD}]"
    )
    weights: Literal["equal", "random"] = Field("equal", description="all 1, or random whole numbers from 1 to 5")
    memory: AboveOne | None = Field(None, description="GPU memory as a multiple of the largest model [unlimited]")
    max_batch: Count | None = Field(None, description="most requests in one batch, for every model [unlimited]")
    load_latency: NonNegative = Field(0.0, description="seconds paid by every slot that loads anything")
    residency: Residency = Field("previous", description="what a slot finds in memory")
    visits: Visits = Field("once", description="how often a model may be visited")
    uplink: Uplink = Field("slotted", description="how the band is shared")
    channel: Literal["flat", "power-limited"] = Field("flat", description="what bandwidth buys")
    bandwidth: Positive | None = Field(None, description=f"uplink bandwidth in hertz [{BANDWIDTH_HZ:g}; integer: 1]")
    integer: Flag = Field(False, description="small whole numbers throughout, so that ties are common")

    def __post_init__(self) -> None:
        if self.zipf_exponent is not None and self.popularity != "zipf":
            raise InputError("expected popularity zipf beside it", "zipf_exponent")
        if self.deadline_spread is not None and self.deadlines != "individual":
            raise InputError("expected deadlines individual beside it", "deadline_spread")
        if self.integer:
            self._check_integer()

    def _check_integer(self) -> None:
        if self.channel != "flat":
            raise InputError("expected flat in the integer variant: no other channel has whole numbers", "channel")
        if self.bandwidth is not None:
            raise InputError("expected none in the integer variant, where it is 1", "bandwidth")
        for name, value in (("deadline", self.deadline), ("load_latency", self.load_latency)):
            if value is not None and not float(value).is_integer():
                raise InputError(f"expected a whole number in the integer variant, got {value}", name)
