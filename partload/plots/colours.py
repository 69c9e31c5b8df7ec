"""A colour for each model: related models have shades of one colour."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from partload.benchmarks.palette import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, tint

COLOURS = (PURPLE, SKY, VERMILION, GREEN, ORANGE, BLUE)
"""The colours of families. The first ones are not those of loads, uploads and inference, which a chart may have too."""
SHADES = (0.0, 0.45, 0.22, 0.65)
"""Shares of white in the shades of a colour, in the order in which the models of a family take them."""
HATCHES = ("", "//", r"\\", "xx", "..", "--", "||", "++")
"""When a shade is in use, the next model takes it again with the next hatch."""

Style = tuple[str, str]
"""Colour and hatch."""
Styles = dict[str, Style]
"""The style of each model, by its id."""


def styles(families: Mapping[str, Hashable]) -> Styles:
    """The style of each model, from the family of each; families and models take colours and shades in their order."""
    places: dict[Hashable, int] = {}
    members: dict[Hashable, int] = {}
    used: dict[str, int] = {}
    found = {}
    for model, family in families.items():
        place, member = places.setdefault(family, len(places)), members.get(family, 0)
        members[family] = member + 1
        colour = tint(COLOURS[place % len(COLOURS)], SHADES[member % len(SHADES)])
        found[model] = (colour, HATCHES[used.get(colour, 0) % len(HATCHES)])
        used[colour] = used.get(colour, 0) + 1
    return found


def family_names(families: Mapping[str, Hashable]) -> dict[str, str]:
    """A text for each family, by its first model."""
    members: dict[Hashable, list[str]] = {}
    for model, family in families.items():
        members.setdefault(family, []).append(model)
    return {
        models[0]: models[0] if len(models) == 1 else f"{models[0]} and {len(models) - 1} related"
        for models in members.values()
    }
