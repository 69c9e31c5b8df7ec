"""Residency rules: what a slot finds in memory and what may stay there, one entry each in ``RESIDENCIES``."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

Blocks = frozenset[str]


@dataclasses.dataclass(frozen=True)
class ResidencyRule:
    """What may be resident while a slot runs."""

    keeps_others: bool
    """Whether blocks that the slot's model does not use may stay in memory. Which ones is a decision of the plan."""

    def allowed(self, before: Blocks, need: Blocks) -> Blocks:
        """The most that may be resident, from R_{n-1} and J_{i_n}."""
        return before | need if self.keeps_others else need

    def resident(self, decided: Blocks | None, before: Blocks, need: Blocks) -> Blocks:
        """R_n, from what the plan decides (None for the default), R_{n-1} and J_{i_n}."""
        if not self.keeps_others:
            return need
        return before | need if decided is None else decided


RESIDENCIES: Mapping[str, ResidencyRule] = {
    "previous": ResidencyRule(keeps_others=False),
    "cached": ResidencyRule(keeps_others=True),
}
"""Every residency rule, by its name in the file format."""
