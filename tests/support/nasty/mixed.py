"""Several ideas at once: an instance of one family, with weights, deadlines or a band of another."""

from __future__ import annotations

from random import Random

from partload.instances.partial_loading.instance import Instance
from partload.instances.slide import instance as slide
from tests.support.nasty import alike, ceilings, decimals, devices, memory, near_ties, never, weights
from tests.support.nasty.draws import nudged

BASES = (
    alike.duplicates,
    alike.equal_models,
    ceilings.ceilings,
    decimals.fractions,
    decimals.magnitudes,
    memory.to_the_last_byte,
    never.never_due,
    never.spread,
)
SLIDE_BASES = (
    alike.slide_duplicates,
    ceilings.slide_ceilings,
    decimals.slide_fractions,
    decimals.slide_magnitudes,
    devices.full_budgets,
    devices.full_deadlines,
    never.slide_never_due,
)


def mixed(random: Random, name: str) -> Instance:
    """An instance of another family, often with nasty weights, and with deadlines next to the ends of slots."""
    instance = random.choice(BASES)(random, name)
    if random.random() < 0.5:
        instance = weights.weighted(random, instance)
    if random.random() < 0.5:
        instance = near_ties.due_at_ends(random, instance, lambda end: nudged(random, end))
    return instance


def slide_mixed(random: Random, name: str) -> slide.Instance:
    """An instance of another family, often with nasty weights, and with a band that some users just fill."""
    instance = random.choice(SLIDE_BASES)(random, name)
    if random.random() < 0.5:
        instance = weights.slide_weighted(random, instance)
    if random.random() < 0.5:
        instance = near_ties.with_band(random, instance)
    return instance
