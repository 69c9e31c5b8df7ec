"""How the figures of a report look: which line is which method, the colours of page and ink, and the file they make."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from partload.benchmarks import drawing
from partload.benchmarks.drawing import plain
from partload.benchmarks.gap.report.words import visible
from partload.benchmarks.gap.table import Line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, PAPER = "#1f1f23", "#fffffe"
"""Lines and letters, and what is behind them: colours of no curve, so that a page can put its own in their place."""
COLOURS = (drawing.BLUE, drawing.VERMILION, drawing.GREEN, drawing.PURPLE, drawing.ORANGE, drawing.SKY, INK)
MARKERS = "osD^vP*"
DASHES = ("-", "-.", ":")
"""One for each turn through the colours."""
UNSHARED_DASH = (0, (4, 2))
WIDEST, NARROWEST = 4.5, 1.5
"""Widths of the first and the last line [points]: thick below thin, so that lines which coincide are all seen."""
LONGEST_NAME = 40


@dataclasses.dataclass(frozen=True)
class Drawn:
    """A figure of the report."""

    name: str
    """Of its file, without the ending."""
    title: str
    caption: str
    """What is shown, and how to read it."""
    svg: str


@dataclasses.dataclass(frozen=True)
class Group:
    """The runs of a method, with sharing or without, and how they are drawn."""

    name: str
    lines: tuple[Line, ...]
    look: dict[str, Any]
    """Keywords of a line."""


def groups(lines: Sequence[Line]) -> list[Group]:
    """The runs of each method with sharing, then without, in the order of the table of methods."""
    labels = list(dict.fromkeys(line.label for line in lines))
    parts: dict[tuple[bool, int], list[Line]] = {}
    for line in lines:
        parts.setdefault((not line.sharing, labels.index(line.label)), []).append(line)
    order = sorted(parts)
    thinner = (WIDEST - NARROWEST) / max(len(order) - 1, 1)
    return [
        Group(
            short(labels[number]) + (" without sharing" if unshared else ""),
            tuple(parts[unshared, number]),
            _look(number, unshared) | {"linewidth": WIDEST - thinner * place},
        )
        for place, (unshared, number) in enumerate(order)
    ]


def _look(number: int, unshared: bool) -> dict[str, Any]:
    turn, place = divmod(number, len(COLOURS))
    dash = UNSHARED_DASH if unshared else DASHES[turn % len(DASHES)]
    return {"color": COLOURS[place], "marker": MARKERS[place], "linestyle": dash}


def short(text: str) -> str:
    """A name as a figure has room for it, set as it stands."""
    text = visible(text)
    return plain(text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…")


def bare(axes: Axes) -> None:
    """The axes' own look: two sides, a faint grid, ink for whatever has no colour of its own."""
    axes.set_facecolor("none")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)
    axes.grid(color=INK, alpha=0.13, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, which="both")
    for text in (axes.xaxis.label, axes.yaxis.label):
        text.set_color(INK)


def svg(figure: Figure) -> str:
    """The figure as an SVG document, black on white."""
    figure.set_facecolor(PAPER)
    return drawing.svg(figure, letters="none")


def inlined(drawn: Drawn) -> str:
    """The figure's SVG as a part of a page: in the page's colours, and with ids that no other figure has."""
    text = drawn.svg[drawn.svg.index("<svg") :].rstrip()
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'( id="|href="#|url\(#)', rf"\1{drawn.name}-", text)
    return text.replace(INK, "var(--ink)").replace(PAPER, "var(--paper)")
