"""A picture of ``partload price``: what each method serves in time, what it loads, and how late the rest would be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from partload import console
from partload.benchmarks.drawing import blank, plain, svg
from partload.benchmarks.palette import BLUE, INK, VERMILION
from partload.instances.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from partload.benchmarks.price import Price

WIDTH_INCHES, ROW_INCHES, FRAME_INCHES = 10.0, 0.34, 1.5
ROOM = 0.15
"""Part of the bound that a bar has to have for its number to stand in it."""


def draw(found: Price, path: Path) -> None:
    """Write the picture; raises InputError when matplotlib is missing or the ending is not .svg."""
    if path.suffix != ".svg":
        raise InputError("expected a file ending in .svg", source=str(path))
    figure = blank(WIDTH_INCHES, FRAME_INCHES + ROW_INCHES * len(found.lines))
    panels = figure.subplots(1, 3, sharey=True, width_ratios=(3, 2, 2))
    _served(panels[0], found)
    _loaded(panels[1], found)
    _late(panels[2], found)
    panels[0].invert_yaxis()
    panels[0].set_title(plain(found.instance), loc="left", fontsize=10)
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)
    path.write_text(svg(figure), encoding="utf-8")


def _served(axes: Axes, found: Price) -> None:
    """Bars with their numbers inside and the gaps behind the bound, so that its line crosses no text."""
    axes.barh([line.method for line in found.lines], [line.weight_served for line in found.lines], color=_colors(found))
    most = max(found.bound, 1e-12)
    for row, line in enumerate(found.lines):
        inside = line.weight_served > ROOM * most
        at, color = (line.weight_served / 2, "white") if inside else (line.weight_served + ROOM / 2 * most, INK)
        axes.text(at, row, f"{line.weight_served:.6g}", color=color, ha="center", va="center")
        axes.text(1.03 * most, row, "" if line.gap is None else f"{line.gap:.1%}", va="center")
    axes.axvline(found.bound, color=INK, linestyle="--")
    axes.set_xlim(0, 1.2 * most)
    kind = "optimum" if found.optimum else "upper bound"
    axes.set_xlabel(f"weight served in time\ndashed: {kind} {found.bound:.6g}; right: gap to it")


def _loaded(axes: Axes, found: Price) -> None:
    bars = axes.barh(range(len(found.lines)), [line.loaded_bytes for line in found.lines], color=_colors(found))
    axes.bar_label(bars, [console.megabytes(line.loaded_bytes) for line in found.lines], padding=3)
    axes.set_xlim(0, 1.5 * max([1.0, *(line.loaded_bytes for line in found.lines)]))
    axes.set_xticks([])
    axes.set_xlabel("loaded")


def _late(axes: Axes, found: Price) -> None:
    """From the median to the 95th percentile; the number of late requests stands behind."""
    longest = 0.0
    for row, line in enumerate(found.lines):
        late = line.lateness
        if late is None or late.median_s is None or late.percentile_95_s is None:
            axes.annotate("" if late is None else "none late", (0, row), va="center")
            continue
        longest = max(longest, late.percentile_95_s)
        axes.plot([late.median_s, late.percentile_95_s], [row, row], color=BLUE, linewidth=3, marker="|")
        axes.annotate(
            f"{late.late} late", (late.percentile_95_s, row), xytext=(6, 0), textcoords="offset points", va="center"
        )
    axes.set_xlim(0, 1.5 * (longest or 1.0))
    axes.set_xlabel("late where nobody is dropped [s]\nmedian to 95th percentile")


def _colors(found: Price) -> list[str]:
    """One colour for online policies, another for methods that know all requests."""
    return [BLUE if line.lateness is not None else VERMILION for line in found.lines]
