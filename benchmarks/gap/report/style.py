"""Style of the figures of a report: the line of each method, the colours of page and ink, the SVG document."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

from partload.benchmarks import drawing
from partload.benchmarks.drawing import INK, PAPER, plain
from partload.benchmarks.gap.report.text import escape_invisible
from partload.benchmarks.gap.table import Line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# A page replaces ink and paper by its own colours; no method has that of the paper.
COLOURS = (drawing.BLUE, drawing.VERMILION, drawing.GREEN, drawing.PURPLE, drawing.ORANGE, drawing.SKY, INK)
MARKERS = "osD^vP*"
DASHES = ("-", "-.", ":")
"""One for each round through the colours. The markers move on by one in each round, too."""
UNSHARED_DASH = (0, (4, 2))
WIDEST, NARROWEST = 4.5, 1.5
"""Widths of the first and the last line [points]. Thin lines lie on thick ones, so that equal lines are all visible."""
BROAD_POINTS = 520
"""Width from which a figure does not stand beside another one."""
LONGEST_NAME = 40
"""Most characters of a name in a figure."""


class LineStyle(TypedDict):
    """Keywords of matplotlib for the line of a method."""

    color: str
    marker: str
    linestyle: str | tuple[int, tuple[int, ...]]
    linewidth: float


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

    @property
    def broad(self) -> bool:
        """Whether the figure takes a row of the page to itself."""
        width = re.search(r'<svg[^>]*? width="([\d.]+)pt"', self.svg)
        return width is not None and float(width[1]) > BROAD_POINTS


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
    order = sorted(parts)
    step = (WIDEST - NARROWEST) / max(len(order) - 1, 1)
    return [
        Group(
            shorten(labels[number]) + (" without sharing" if unshared else ""),
            tuple(parts[unshared, number]),
            _line_style(number, unshared, WIDEST - step * place),
        )
        for place, (unshared, number) in enumerate(order)
    ]


def _line_style(number: int, unshared: bool, width: float) -> LineStyle:
    turn, place = divmod(number, len(COLOURS))
    dash = UNSHARED_DASH if unshared else DASHES[turn % len(DASHES)]
    marker = MARKERS[(place + turn) % len(MARKERS)]
    return {"color": COLOURS[place], "marker": marker, "linestyle": dash, "linewidth": width}


def shorten(text: str) -> str:
    """A name of at most ``LONGEST_NAME`` characters, which matplotlib sets without a change."""
    text = escape_invisible(text)
    return plain(text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…")


def style_axes(axes: Axes) -> None:
    """Give axes the style of the report: two spines, a faint grid, ink for every part without a colour of its own."""
    axes.set_facecolor("none")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)
    axes.grid(color=INK, alpha=0.13, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, which="both")
    for text in (axes.xaxis.label, axes.yaxis.label):
        text.set_color(INK)


def render_svg(figure: Figure) -> str:
    """The figure as an SVG document, black on white."""
    figure.set_facecolor(PAPER)
    return drawing.svg(figure, letters="none")


def report_figure(name: str, title: str, caption: str, figure: Figure) -> ReportFigure:
    """A figure of matplotlib as one of the report."""
    return ReportFigure(name, title, caption, render_svg(figure), drawing.pdf(figure))


def inline_svg(figure: ReportFigure) -> str:
    """The figure as an ``svg`` element of a page, in the colours of the page, with ids that no other figure has."""
    text = figure.svg[figure.svg.index("<svg") :].rstrip()
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'( id="|href="#|url\(#)', rf"\1{figure.name}-", text)
    return text.replace(INK, "var(--ink)").replace(PAPER, "var(--paper)")
