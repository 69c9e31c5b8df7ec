"""Options of every generator: a frozen record whose fields have a type, a default, a range and a description.

A problem extends this record with its own options, and a family extends that of its problem. The command line is built
from these records: each field is an option.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from partload.instances.errors import InputError
from partload.instances.fields import STRICT, Flag, Positive

DEADLINE_SPREAD = 0.5

Spread = Annotated[float, Field(strict=True, gt=0, lt=1)]
Seed = Annotated[int, Field(strict=True, ge=0)]
MOST = 10_000_000
"""The largest number of requests, users, models, layers or blocks that a generator makes.

It is ten times the largest instances that the methods are measured on. A request takes about 1 kB of memory while it is
generated and written, so an instance of this size takes about 10 GB.
"""
Size = Annotated[int, Field(strict=True, ge=1, le=MOST)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Options:
    """Options of all families of both problems; None stands for a default that depends on other options.

    Raises
    ------
    InputError
        When two options exclude each other, or a value is not whole in the integer variant.
    pydantic.ValidationError
        On a value of the wrong type or out of range.
    """

    seed: Seed = Field(0, description="seed of the random numbers")
    deadline: Positive | None = Field(None, description="seconds [about half to two thirds can be served]")
    deadlines: Literal["common", "individual"] = Field("common", description="one deadline, or one for each")
    deadline_spread: Spread | None = Field(
        None, description=f"with individual deadlines: relative spread around the deadline [{DEADLINE_SPREAD}]"
    )
    weights: Literal["equal", "random"] = Field("equal", description="all 1, or random whole numbers from 1 to 5")
    channel: Literal["flat", "power-limited"] = Field("flat", description="what bandwidth buys")
    integer: Flag = Field(False, description="small whole numbers throughout, so that ties are common")

    def __post_init__(self) -> None:
        if self.deadline_spread is not None and self.deadlines != "individual":
            raise InputError("expected deadlines individual beside it", "deadline_spread")
        if self.integer:
            if self.channel != "flat":
                raise InputError("expected flat in the integer variant: no other channel has whole numbers", "channel")
            self._check_whole("deadline")

    def _check_product(self, first: str, second: str) -> None:
        """Raise InputError when two options ask for more than ``MOST`` items: a number for each of a number."""
        product = getattr(self, first) * getattr(self, second)
        if product > MOST:
            raise InputError(f"expected at most {MOST} {second} in all {first}, got {product}", second)

    def _check_whole(self, *names: str) -> None:
        """Raise InputError on an option with a value that is not whole; for the integer variant."""
        for name in names:
            value = getattr(self, name)
            if value is not None and not float(value).is_integer():
                raise InputError(f"expected a whole number in the integer variant, got {value}", name)
