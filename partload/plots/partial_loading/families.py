"""Related colours for related models: those that share most of their bytes have shades of one colour."""

from __future__ import annotations

from collections.abc import Iterable

from partload.benchmarks.drawing import mixed
from partload.instances.partial_loading.instance import Instance
from partload.plots.band import COLOURS, HATCHES, Styles

RELATED = 0.3
"""Share of the bytes of the smaller of two models from which they are related."""
DARKEST, LIGHTEST = -0.4, 0.6
"""Shares of black and of white in the outermost shades of a colour."""


def family_styles(instance: Instance, models: Iterable[str]) -> Styles:
    """The style of each model: a colour for each family, in the order in which they first appear, and shades within."""
    families = families_of(instance, list(dict.fromkeys(models)))
    found: Styles = {}
    for number, family in enumerate(families):
        turn, place = divmod(number, len(COLOURS))
        for shade, model in zip(_shades(len(family)), family):
            found[model] = (mixed(COLOURS[place], shade), HATCHES[turn % len(HATCHES)])
    return found


def families_of(instance: Instance, models: list[str]) -> list[list[str]]:
    """Families of models: each model joins the family whose first model it shares most with, or begins a new one."""
    families: list[list[str]] = []
    for model in models:
        closest = max(families, key=lambda family: _shared(instance, family[0], model), default=None)
        if closest is not None and _shared(instance, closest[0], model) >= RELATED:
            closest.append(model)
        else:
            families.append([model])
    return families


def _shared(instance: Instance, one: str, other: str) -> float:
    """What two models share, as a share of the bytes of the smaller one."""
    blocks = instance.block_sets
    smaller = min(instance.size_of(blocks[one]), instance.size_of(blocks[other]))
    return instance.size_of(blocks[one] & blocks[other]) / smaller if smaller else 0.0


def _shades(count: int) -> list[float]:
    """Shades of a family, the plain colour first: dark and light in turn, further from it each time."""
    if count == 1:
        return [0.0]
    steps = [(n + 1) // 2 / ((count // 2) or 1) for n in range(count)]
    return [step * (LIGHTEST if n % 2 else DARKEST) for n, step in enumerate(steps)]
