"""Style of the figures of a report: the line of each method, the legend, the SVG document."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

from partload.benchmarks import drawing
from partload.benchmarks.drawing import plain
from partload.benchmarks.gap.report.text import escape_invisible
from partload.benchmarks.gap.table import Line
from partload.benchmarks.palette import BLUE, GREEN, INK, ORANGE, PAPER, PURPLE, SKY, VERMILION

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, INK)
MARKERS = "osD^vP*X<>h"
"""Their number and that of the colours have no common factor, so the first 77 methods have pairs of their own."""
DASHES = ("-", "-.", ":")
"""One for each round through the colours, with sharing and without. Any two of 21 methods differ in two of three."""
UNSHARED_DASHES = ((0, (4, 2)), (0, (6, 2, 1, 2)), (0, (2, 1)))
LEGEND_INCHES, LETTER_INCHES = 0.6, 0.08
"""Of an entry of a legend: width of its mark with the space around it, and of a letter."""
NARROW_INCHES = 6.5
"""Figures up to this width stand side by side on a page."""
LONGEST_NAME = 40
"""Most characters of a name in a figure."""


class LineStyle(TypedDict):
    """Keywords of matplotlib for the line of a method."""

    color: str
    marker: str
    linestyle: str | tuple[int, tuple[int, ...]]
    markerfacecolor: str


@dataclasses.dataclass(frozen=True)
class ReportFigure:
    """A figure of the report."""

    name: str
    """Name of its file without the ending."""
    title: str
    caption: str
    """What the figure contains, and how to read it."""
    svg: str
    """An SVG document."""
    pdf: bytes
    """The same as a PDF document."""
    broad: bool = False
    """Whether the figure takes the whole width of a page."""


@dataclasses.dataclass(frozen=True)
class Group:
    """The runs of a method, with sharing or without, and the style of their line."""

    name: str
    lines: tuple[Line, ...]
    style: LineStyle


def group_lines(lines: Sequence[Line]) -> list[Group]:
    """Group the runs by method, those with sharing first, in the order of the table of methods."""
    labels = list(dict.fromkeys(line.label for line in lines))
    parts: dict[tuple[bool, int], list[Line]] = {}
    for line in lines:
        parts.setdefault((not line.sharing, labels.index(line.label)), []).append(line)
    return [
        Group(
            shorten(labels[number]) + (" without sharing" if unshared else ""),
            tuple(parts[unshared, number]),
            _line_style(number, unshared),
        )
        for unshared, number in sorted(parts)
    ]


def _line_style(number: int, unshared: bool) -> LineStyle:
    """The style of a method by its number. Without sharing, the marks are hollow and the line is dashed."""
    turn, place = divmod(number, len(COLOURS))
    return {
        "color": COLOURS[place],
        "marker": MARKERS[number % len(MARKERS)],
        "linestyle": (UNSHARED_DASHES if unshared else DASHES)[turn % len(DASHES)],
        "markerfacecolor": PAPER if unshared else COLOURS[place],
    }


def shorten(text: str) -> str:
    """A name of at most ``LONGEST_NAME`` characters, which matplotlib sets without a change."""
    text = escape_invisible(text)
    return plain(text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…")


def add_legend(figure: Figure, handles: Sequence[Artist], names: Sequence[str]) -> None:
    """Add a legend below the axes, in as many columns as the width of the figure has room for."""
    column = LEGEND_INCHES + LETTER_INCHES * max((len(name) for name in names), default=0)
    columns = max(1, min(len(names), int(figure.get_figwidth() / column)))
    figure.legend(handles, names, loc="outside lower center", ncols=columns, frameon=False, labelcolor=INK, fontsize=9)


def render_svg(figure: Figure) -> str:
    """The figure as an SVG document."""
    return drawing.svg(figure, letters="none")


def report_figure(name: str, title: str, caption: str, figure: Figure) -> ReportFigure:
    """A figure of matplotlib as one of the report."""
    broad = figure.get_figwidth() > NARROW_INCHES
    return ReportFigure(name, title, caption, render_svg(figure), drawing.pdf(figure), broad)


def inline_svg(figure: ReportFigure) -> str:
    """The figure as an ``svg`` element of a page, with ids that no other figure has."""
    return re.sub(r'( id="|href="#|url\(#)', rf"\1{figure.name}-", drawing.element(figure.svg))
