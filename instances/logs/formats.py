"""The formats of request logs that are known, one entry each in ``FORMATS``.

The public ones are as their publishers describe them: the Azure Functions invocation trace of 2021 and the Azure LLM
inference trace of 2023 (github.com/Azure/AzurePublicDataset), and BurstGPT (github.com/HPMLL/BurstGPT).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence


@dataclasses.dataclass(frozen=True)
class Format:
    """Where a log has what. Columns that are not named are not read."""

    description: str
    arrival: str
    """Column of the time of arrival or, with ``duration``, of the end."""
    header: tuple[str, ...]
    """Columns by which the format is recognised; a log has all of them."""
    dates: bool = False
    """Whether times are dates, ``2023-11-16 18:17:03.9799600``, and not seconds."""
    duration: str | None = None
    """Column of the time [s] from arrival to end."""
    model: tuple[str, ...] = ()
    """Columns that name the model, joined by a slash."""
    group: str | None = None
    """Column that names a class of requests."""
    tokens: str | None = None
    """Column of the size of the input in tokens."""
    only_these: bool = False
    """Whether any other column is an error."""


OWN_COLUMNS = ("arrival_s", "id", "model", "class", "input_bits", "spectral_efficiency_bps_per_hz", "weight")
"""Columns of the project's own logs; all but the first may be missing."""
FORMATS: Mapping[str, Format] = {
    "azure-functions-2021": Format(
        "Azure Functions invocation trace 2021; the arrival is the end less the duration",
        "end_timestamp",
        ("app", "func", "end_timestamp", "duration"),
        duration="duration",
        model=("app", "func"),
    ),
    "azure-llm-2023": Format(
        "Azure LLM inference trace 2023; it names no model",
        "TIMESTAMP",
        ("TIMESTAMP", "ContextTokens", "GeneratedTokens"),
        dates=True,
        tokens="ContextTokens",
    ),
    "burstgpt": Format(
        "BurstGPT; the class is the log type",
        "Timestamp",
        ("Timestamp", "Model", "Request tokens", "Response tokens", "Total tokens", "Log Type"),
        model=("Model",),
        group="Log Type",
        tokens="Request tokens",
    ),
    "own": Format(
        f"columns, or keys of JSON lines, {', '.join(OWN_COLUMNS)}",
        "arrival_s",
        ("arrival_s",),
        model=("model",),
        group="class",
        only_these=True,
    ),
}
"""Every format, by its name."""


def recognised(header: Sequence[str]) -> str | None:
    """The format whose columns a header has; None if there is none."""
    return next((name for name, known in FORMATS.items() if set(known.header) <= set(header)), None)
