"""The kinds of field that files are made of.

Each is strict: a number in quotes, a boolean in place of a number, NaN and infinity are refused, not converted.
Their constraints appear in the JSON Schema, which is generated from them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

Text = Annotated[str, Field(strict=True)]
Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(strict=True, ge=1)]
WholeNumber = Annotated[int, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Provenance = dict[Text, Text]

STRICT = ConfigDict(defer_build=True, extra="forbid")
"""Configuration of every record: a key that is not listed is an error.

Validators are made when a record is first used: a command uses few of them, and making all takes longer than numpy.
"""


def tagged(*required: str) -> ConfigDict:
    """Configuration of a record that a key ``kind`` tells from its siblings: in a file that key is always there."""
    return ConfigDict(defer_build=True, extra="forbid", json_schema_extra={"required": ["kind", *required]})
