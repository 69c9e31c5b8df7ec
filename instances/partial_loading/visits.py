"""Rules for visits: how often a model may be visited, one entry each in ``VISITS``."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class VisitsRule:
    """How often a model may be visited."""

    may_return: bool
    """Whether a model may be visited again after another model ran."""


VISITS: Mapping[str, VisitsRule] = {"once": VisitsRule(may_return=False), "any": VisitsRule(may_return=True)}
"""Every rule for visits, by its name in the file format."""
