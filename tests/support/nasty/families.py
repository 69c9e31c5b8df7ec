"""The table of nasty families."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from partload.instances.partial_loading import instance as partial_loading
from partload.instances.slide import instance as slide
from tests.support.agreement import Comparison
from tests.support.nasty import alike, blind, ceilings, decimals, devices, memory, mixed, near_ties, never, weights
from tests.support.nasty.comparison import compared

Instance = partial_loading.Instance | slide.Instance


class Family(NamedTuple):
    """One idea of what goes wrong, as a source of instances."""

    name: str
    make: Callable[[Random, str], Instance]
    """An instance with a name, drawn at random."""

    def instance(self, seed: int) -> Instance:
        """The instance of a seed. Tests name seeds: what one stands for must not change."""
        return self.make(Random(f"{self.name} {seed}"), f"{self.name}-{seed}")


PARTIAL_LOADING = (
    Family("decimals", decimals.fractions),
    Family("memory", memory.to_the_last_byte),
    Family("ceilings", ceilings.ceilings),
    Family("near-ties", near_ties.deadlines),
    Family("weights", weights.weights),
    Family("never-due", never.never_due),
    Family("equal-models", alike.equal_models),
    Family("duplicates", alike.duplicates),
    Family("magnitudes", decimals.magnitudes),
    Family("spread", never.spread),
    Family("mixed", mixed.mixed),
)
SLIDE = (
    Family("slide-decimals", decimals.slide_fractions),
    Family("slide-deadlines", devices.full_deadlines),
    Family("slide-budgets", devices.full_budgets),
    Family("slide-band", near_ties.slide_band),
    Family("slide-ceilings", ceilings.slide_ceilings),
    Family("slide-weights", weights.slide_weights),
    Family("slide-never-due", never.slide_never_due),
    Family("slide-duplicates", alike.slide_duplicates),
    Family("slide-magnitudes", decimals.slide_magnitudes),
    Family("slide-mixed", mixed.slide_mixed),
)
FAMILIES = {family.name: family for family in (*PARTIAL_LOADING, *SLIDE)}
EVERY = 4
"""One seed in so many is solved in the slow ways too."""


def agreement(family: Family, seed: int) -> Comparison:
    """How the methods agree on the instance of a seed."""
    problem = "slide" if family in SLIDE else "partial-loading"
    slow = blind.SLOW[problem] if seed % EVERY == 0 else ()
    return compared(family.instance(seed), (*blind.FAST[problem], *slow))
