"""A picture of ``partload price``: the weight that each method serves in time, beside the optimum or the bound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from partload.benchmarks.drawing import blank, plain, svg
from partload.benchmarks.palette import BLUE, INK, VERMILION
from partload.instances.errors import InputError

if TYPE_CHECKING:
    from partload.benchmarks.price import Price

WIDTH_INCHES, ROW_INCHES, FRAME_INCHES = 8.0, 0.34, 1.4


def draw(found: Price, path: Path) -> None:
    """Write the picture; raises InputError when matplotlib is missing or the ending is not .svg."""
    if path.suffix != ".svg":
        raise InputError("expected a file ending in .svg", source=str(path))
    names = [line.method for line in found.lines]
    figure = blank(WIDTH_INCHES, FRAME_INCHES + ROW_INCHES * len(names))
    axes = figure.subplots()
    colors = [BLUE if line.lateness is not None else VERMILION for line in found.lines]
    bars = axes.barh(names, [line.weight_served for line in found.lines], color=colors)
    axes.bar_label(bars, [f"{line.weight_served:.6g}" for line in found.lines], padding=3)
    axes.axvline(found.bound, color=INK, linestyle="--")
    axes.set_xlim(0, 1.12 * max(found.bound, 1e-12))
    axes.invert_yaxis()
    kind = "optimum" if found.optimum else "upper bound"
    axes.set_xlabel(f"weight served in time; dashed: {kind} {found.bound:.6g}")
    axes.set_title(plain(found.instance), loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    path.write_text(svg(figure), encoding="utf-8")
