"""The bandwidth over time, for either problem: one rectangle for each share of the band.

The height of a rectangle is the bandwidth of the share, its width the time for which the share is held.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from partload.benchmarks.drawing import plain
from partload.benchmarks.palette import INK, PALETTE, text_on
from partload.plots.picture import Picture

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

COLOURS = (*PALETTE, INK)
HATCHES = ("", "////", r"\\\\", "xxxx", "....", "----", "||||", "++++")
"""When every colour is in use, the next models take the colours again with the next hatch."""
UNUSED, HELD = "#E8E8E8", 0.35
"""Colour of unused bandwidth; opacity of a share that is still held after its transmission has ended."""
UNITS = ((1e6, "MHz"), (1e3, "kHz"), (1.0, "Hz"))
PLOT_INCHES, HEIGHT_INCHES, LEGEND_ROW_INCHES = (9.0, 3.7), 5.0, 0.17
LETTER_INCHES = (0.052, 0.1)
"""Width and height of a letter in a rectangle."""
EDGE_POINTS_PER_INCH = 8.0
"""White edges are thinner on small rectangles, because a full edge would cover them."""
LETTERS_IN_A_ROW, OTHER_ENTRIES = 150, 5
"""Of the legend: letters that fit into one row, and the number of entries that are not models."""

Style = tuple[str, str]
"""Colour and hatch."""
Styles = dict[str, Style]
"""The style of each model, by its id."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Share:
    """The bandwidth that a request or a user holds for a time."""

    name: str
    """Id of the request or user."""
    model: str
    start_s: float
    sent_s: float
    """Duration of the transmission at this bandwidth [s]; infinite when it never ends."""
    held_s: float
    """Duration for which the share is held [s], at least that of the transmission."""
    bottom_hz: float
    bandwidth_hz: float
    """Bandwidth of the share, b_k."""

    def tooltip(self, plot: BandAxes) -> str:
        """The text that appears when a reader points at the rectangle."""
        size, unit = plot.unit
        return f"{self.name}: {self.bandwidth_hz / size:.4g} {unit} for {self.sent_s:.4g} s ({self.model})"


@dataclasses.dataclass(frozen=True)
class BandAxes:
    """The axes of a picture of the band: time from 0 to ``end_s``, bandwidth from 0 to ``top_hz``."""

    axes: Axes
    end_s: float
    top_hz: float
    unit: tuple[float, str]
    """Hertz per unit of bandwidth, and its name."""

    @classmethod
    def of(cls, axes: Axes, band_hz: float, end_s: float, shares: Iterable[Share]) -> BandAxes:
        """Axes that show the whole band until ``end_s`` as unused; the shares are drawn on top of it."""
        unit = next((unit for unit in UNITS if band_hz >= unit[0]), UNITS[-1])
        # The shares of an infeasible plan may exceed the band; the picture shows them above it.
        top = max([band_hz, *(share.bottom_hz + share.bandwidth_hz for share in shares)])
        plot = cls(axes, end_s or 1.0, top, unit)
        plot.rectangle(0, 0, plot.end_s, band_hz, facecolor=UNUSED, zorder=0.5, label="unused")
        axes.axhline(band_hz / unit[0], color="black", linewidth=1.2, label="whole band")
        axes.set_xlim(0, plot.end_s)
        axes.set_ylim(0, 1.02 * top / unit[0])
        axes.set_xlabel("time [s]")
        axes.set_ylabel(f"bandwidth [{unit[1]}]")
        axes.spines[["top", "right"]].set_visible(False)
        return plot

    def inches(self, time_s: float, bandwidth_hz: float) -> tuple[float, float]:
        """The approximate width and height in the picture of a time span and a bandwidth [inches]."""
        return time_s / self.end_s * PLOT_INCHES[0], bandwidth_hz / self.top_hz * PLOT_INCHES[1]

    def rectangle(self, start_s: float, bottom_hz: float, time_s: float, bandwidth_hz: float, **style: Any) -> Artist:
        """Add a rectangle to the axes; ``style`` is passed to matplotlib."""
        from matplotlib.patches import Rectangle

        corner = (start_s, bottom_hz / self.unit[0])
        return self.axes.add_patch(Rectangle(corner, time_s, bandwidth_hz / self.unit[0], **style))


def styles(models: Iterable[str]) -> Styles:
    """The style of each model; models take colours and hatches in the order in which they first appear."""
    distinct = dict.fromkeys(models)
    turns = [divmod(n, len(COLOURS)) for n in range(len(distinct))]
    return {model: (COLOURS[place], HATCHES[turn % len(HATCHES)]) for model, (turn, place) in zip(distinct, turns)}


def legend_columns(styles: Styles) -> int:
    """The number of columns of the legend."""
    return max(1, min(8, LETTERS_IN_A_ROW // (6 + max((len(model) for model in styles), default=0))))


def height_inches(styles: Styles) -> float:
    """Height of the picture with its legend [inches]."""
    return HEIGHT_INCHES + LEGEND_ROW_INCHES * -(-(len(styles) + OTHER_ENTRIES) // legend_columns(styles))


def draw_share(picture: Picture, plot: BandAxes, share: Share, style: Style) -> None:
    """Draw the rectangle of a share, with the id of its holder where the text fits.

    A share that is held after its transmission has ended is drawn pale from there on.
    """
    if share.bandwidth_hz <= 0:
        return
    colour, hatch = style
    sent = min(share.sent_s, plot.end_s)
    inches = plot.inches(sent, share.bandwidth_hz)
    edge: dict[str, Any] = {"edgecolor": "white", "linewidth": min(0.5, EDGE_POINTS_PER_INCH * min(inches))}
    tooltip, corner = share.tooltip(plot), (share.start_s, share.bottom_hz)
    if share.held_s > sent:
        rest = (corner[0] + sent, corner[1], share.held_s - sent, share.bandwidth_hz)
        picture.add_tooltip(plot.rectangle(*rest, facecolor=colour, alpha=HELD, **edge), tooltip)
    picture.add_tooltip(
        plot.rectangle(*corner, sent, share.bandwidth_hz, facecolor=colour, hatch=hatch, **edge), tooltip
    )
    width, height = len(share.name) * LETTER_INCHES[0], LETTER_INCHES[1]
    horizontal, vertical = inches[0] > width and inches[1] > height, inches[1] > width and inches[0] > height
    if horizontal or vertical:
        middle = (corner[0] + sent / 2, (corner[1] + share.bandwidth_hz / 2) / plot.unit[0])
        text_colour, rotation = text_on(colour), (0 if horizontal else 90)
        text: dict[str, Any] = {
            "color": text_colour,
            "fontsize": 6,
            "ha": "center",
            "va": "center",
            "rotation": rotation,
        }
        # The text stands on a plain background, because hatches and lines make it hard to read.
        plot.axes.text(*middle, plain(share.name), **text, bbox={"facecolor": colour, "lw": 0, "pad": 0.5})


def add_legend(picture: Picture, plot: BandAxes, styles: Styles, *, held: str | None = None) -> None:
    """Add the legend of the models; ``held`` is the label of the pale rectangles, None where there are none."""
    if held is not None:
        plot.rectangle(0, 0, 0, 0, facecolor="#444444", alpha=HELD, label=held)
    for model, (colour, hatch) in styles.items():
        plot.rectangle(0, 0, 0, 0, facecolor=colour, hatch=hatch, edgecolor="white", label=plain(model))
    picture.figure.legend(loc="outside lower center", ncols=legend_columns(styles), frameon=False, fontsize=7)
