"""Labels of narrow parts: they stand beside the axes, apart from each other, and a line leads from each to its part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from partload.benchmarks.drawing import plain
from partload.benchmarks.palette import INK, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SPACING_INCHES, LEADER_INCHES, REACH_INCHES = 0.1, 0.14, 0.4
"""Least distance of two labels; distance of labels from the axes; most distance of a label from its part."""
FONT_POINTS, MOST_LETTERS = 6.0, 18
LETTER_INCHES = 0.052

Label = tuple[float, str]
"""The place of a part along the edge of the axes, as a share of its length, and the text."""


def spread(places: Sequence[float], spacing: float) -> list[float]:
    """Places between 0 and 1 that are at least ``spacing`` apart and as near as possible to the given, sorted ones.

    Too many places for the spacing are evenly apart.
    """
    count = len(places)
    spacing = min(spacing, 1 / max(count - 1, 1))
    # Without the spacing, the order is the only condition; blocks of equal means solve it (pool adjacent violators).
    blocks: list[tuple[float, int]] = []
    for number, place in enumerate(places):
        total, size = place - number * spacing, 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / size:
            before = blocks.pop()
            total, size = total + before[0], size + before[1]
        blocks.append((total, size))
    level = [total / size for total, size in blocks for _ in range(size)]
    most = 1 - (count - 1) * spacing
    return [min(max(at, 0.0), most) + number * spacing for number, at in enumerate(level)]


def fitting(labels: Sequence[tuple[float, Label]], length_inches: float) -> list[Label]:
    """Those labels that find room along an edge near their parts, sorted; a large first number comes first."""
    chosen: list[Label] = []
    for _, label in sorted(labels, key=lambda label: -label[0]):
        tried = sorted([*chosen, label])
        places = [place for place, _ in tried]
        moved = spread(places, SPACING_INCHES / length_inches)
        if max(abs(at - place) for place, at in zip(places, moved)) * length_inches <= REACH_INCHES:
            chosen = tried
        if len(chosen) * SPACING_INCHES > length_inches:
            break
    return chosen


def above(axes: Axes, labels: Sequence[Label], width_inches: float) -> None:
    """Draw labels, upright, above the axes; the places are shares of the width."""
    moved = spread([place for place, _ in labels], SPACING_INCHES / width_inches)
    for (place, text), at in zip(labels, moved):
        shift = (72 * width_inches * (at - place), 72 * LEADER_INCHES)
        _draw(axes, text, (place, 1.0), shift, {"rotation": 90, "ha": "center", "va": "bottom"})


def beside(axes: Axes, labels: Sequence[Label], height_inches: float) -> None:
    """Draw labels at the right of the axes; the places are shares of the height."""
    moved = spread([place for place, _ in labels], SPACING_INCHES / height_inches)
    for (place, text), at in zip(labels, moved):
        shift = (72 * LEADER_INCHES, 72 * height_inches * (at - place))
        _draw(axes, text, (1.0, place), shift, {"ha": "left", "va": "center"})


def height_inches(labels: Sequence[str]) -> float:
    """The height that labels above axes take."""
    return LEADER_INCHES + LETTER_INCHES * max((min(len(text), MOST_LETTERS) for text in labels), default=0)


def _draw(
    axes: Axes, text: str, place: tuple[float, float], shift: tuple[float, float], style: dict[str, object]
) -> None:
    axes.annotate(
        plain(text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"),
        place,
        shift,
        xycoords="axes fraction",
        textcoords="offset points",
        color=INK,
        fontsize=FONT_POINTS,
        arrowprops={"arrowstyle": "-", "color": SOFT, "linewidth": 0.4, "shrinkA": 0, "shrinkB": 0},
        annotation_clip=False,
        **style,
    )
