"""The bandwidth over time, for either problem: one rectangle for each share of the band.

The height of a rectangle is the bandwidth of the share, its width the time for which the share is held. A plan with
many parts goes over several strips below each other.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from partload.benchmarks.drawing import plain, style_axes
from partload.benchmarks.palette import FAINT, INK, PAPER, SOFT, text_on
from partload.plots import leaders
from partload.plots.colours import Style, Styles
from partload.plots.picture import Picture, add_legend
from partload.plots.strips import WIDTH_INCHES, Window, shown, windows

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

UNUSED, HELD = FAINT, 0.35
"""Colour of unused bandwidth; opacity of a share that is still held after its transmission has ended."""
UNITS = ((1e6, "MHz"), (1e3, "kHz"), (1.0, "Hz"))
PLOT_INCHES, STRIP_INCHES, FRAME_INCHES, LEGEND_ROW_INCHES = 3.7, 1.7, 0.65, 0.17
"""Heights of the axes of a picture with one strip and with several, of what is around them, of a row of the legend."""
LETTER_INCHES = (0.052, 0.1)
"""Width and height of a letter in a rectangle."""
EDGE_POINTS_PER_INCH, HATCHED_INCHES = 8.0, 0.08
"""Edges are thinner on small rectangles, and narrow ones have no hatch, because these would cover them."""
LETTERS_IN_A_ROW, OTHER_ENTRIES = 150, 5
"""Of the legend: letters that fit into one row, and the number of entries that are not models."""


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
    """The axes of one strip: the time of its window, bandwidth from 0 to ``top_hz``."""

    axes: Axes
    window: Window
    top_hz: float
    unit: tuple[float, str]
    """Hertz per unit of bandwidth, and its name."""
    height_inches: float
    """Approximate height of the axes."""

    def inches(self, time_s: float, bandwidth_hz: float) -> tuple[float, float]:
        """The approximate width and height in the picture of a time span and a bandwidth [inches]."""
        start, end = self.window
        return time_s / (end - start) * WIDTH_INCHES, bandwidth_hz / self.top_hz * self.height_inches

    def rectangle(self, start_s: float, bottom_hz: float, time_s: float, bandwidth_hz: float, **style: Any) -> Artist:
        """Add a rectangle to the axes; ``style`` is passed to matplotlib."""
        from matplotlib.patches import Rectangle

        corner = (start_s, bottom_hz / self.unit[0])
        return self.axes.add_patch(Rectangle(corner, time_s, bandwidth_hz / self.unit[0], **style))


@dataclasses.dataclass(frozen=True)
class Layout:
    """The strips of a picture and their sizes."""

    windows: list[Window]
    names_inches: float
    """Height of the names above each strip."""
    plot_inches: float
    """Height of the axes of a strip."""

    @classmethod
    def of(cls, parts: int, end_s: float, names: Sequence[str] = (), plot_inches: float = PLOT_INCHES) -> Layout:
        """The layout for so many parts that end at ``end_s``; ``names`` are those that stand above strips."""
        found = windows(parts, end_s)
        height = plot_inches if len(found) == 1 else STRIP_INCHES
        return cls(found, leaders.height_inches(names) if names else 0.0, height)

    def height_inches(self, names: Sequence[str]) -> float:
        """Height of the picture [inches], with a legend of these names."""
        strip = self.plot_inches + FRAME_INCHES + self.names_inches
        return (
            len(self.windows) * strip
            + 0.3
            + LEGEND_ROW_INCHES * -(-(len(names) + OTHER_ENTRIES) // legend_columns(names))
        )

    def draw(self, picture: Picture, band_hz: float, shares: Sequence[Share], styles: Styles) -> list[BandAxes]:
        """Draw the shares into axes of the picture; the whole band until the end is shown as unused below them."""
        unit = next((unit for unit in UNITS if band_hz >= unit[0]), UNITS[-1])
        # The shares of an infeasible plan may exceed the band; the picture shows them above it.
        top = max([band_hz, *(share.bottom_hz + share.bandwidth_hz for share in shares)])
        grid = picture.figure.subplots(len(self.windows), 1, squeeze=False)
        plots = [BandAxes(axes, window, top, unit, self.plot_inches) for (axes,), window in zip(grid, self.windows)]
        for plot in plots:
            _frame(plot, band_hz)
            for share in shares:
                draw_share(picture, plot, share, styles[share.model])
        return plots


def _frame(plot: BandAxes, band_hz: float) -> None:
    start, end = plot.window
    plot.rectangle(start, 0, end - start, band_hz, facecolor=UNUSED, zorder=0.5, label="unused")
    plot.axes.axhline(band_hz / plot.unit[0], color=INK, linewidth=1.2, label="whole band")
    plot.axes.set_xlim(start, end)
    plot.axes.set_ylim(0, 1.02 * plot.top_hz / plot.unit[0])
    plot.axes.set_xlabel("time [s]")
    plot.axes.set_ylabel(f"bandwidth [{plot.unit[1]}]")
    style_axes(plot.axes)
    plot.axes.grid(visible=False)


def legend_columns(names: Sequence[str]) -> int:
    """The number of columns of the legend."""
    return max(1, min(8, LETTERS_IN_A_ROW // (6 + max((len(name) for name in names), default=0))))


def draw_share(picture: Picture, plot: BandAxes, share: Share, style: Style) -> None:
    """Draw what a strip shows of a share, with the id of its holder where the text fits.

    A share that is held after its transmission has ended is drawn pale from there on.
    """
    if share.bandwidth_hz <= 0:
        return
    colour, hatch = style
    sent_s = min(share.start_s + share.sent_s, share.start_s + share.held_s)
    tooltip = share.tooltip(plot)
    rest = shown(plot.window, sent_s, share.start_s + share.held_s)
    if rest is not None:
        _draw_part(picture, plot, share, rest, tooltip, {"facecolor": colour, "alpha": HELD})
    sent = shown(plot.window, share.start_s, sent_s)
    if sent is None:
        return
    _draw_part(picture, plot, share, sent, tooltip, {"facecolor": colour, "hatch": hatch})
    rotation = text_rotation(plot, share, sent)
    if rotation is not None:
        middle = (sum(sent) / 2, (share.bottom_hz + share.bandwidth_hz / 2) / plot.unit[0])
        # The text of a hatched rectangle stands on a plain background, because hatches make it hard to read.
        behind = {"facecolor": colour, "lw": 0, "pad": 1.5} if hatch else None
        text: dict[str, Any] = {"color": text_on(colour), "fontsize": 6, "ha": "center", "va": "center"}
        plot.axes.text(*middle, plain(share.name), rotation=rotation, bbox=behind, **text)


def text_rotation(plot: BandAxes, share: Share, sent: Window) -> float | None:
    """The rotation of the id in the rectangle of a share; None where it does not fit."""
    inches = plot.inches(sent[1] - sent[0], share.bandwidth_hz)
    width, height = len(share.name) * LETTER_INCHES[0], LETTER_INCHES[1]
    if inches[0] > width and inches[1] > height:
        return 0.0
    return 90.0 if inches[1] > width and inches[0] > height else None


def _draw_part(
    picture: Picture, plot: BandAxes, share: Share, span: Window, tooltip: str, style: dict[str, Any]
) -> None:
    inches = plot.inches(span[1] - span[0], share.bandwidth_hz)
    if min(inches) < HATCHED_INCHES:
        style = {**style, "hatch": None}
    edge = {"edgecolor": PAPER, "linewidth": min(0.5, EDGE_POINTS_PER_INCH * min(inches))}
    part = plot.rectangle(span[0], share.bottom_hz, span[1] - span[0], share.bandwidth_hz, **style, **edge)
    picture.add_tooltip(part, tooltip)


def add_models(
    picture: Picture, plots: Sequence[BandAxes], styles: Styles, *, names: dict[str, str], held: str | None = None
) -> None:
    """Add the legend of the models.

    Parameters
    ----------
    picture, plots
        The picture, and its strips.
    styles
        The style of each model.
    names
        The text of each model that is in the legend.
    held
        The label of the pale rectangles; None where there are none.
    """
    if held is not None:
        plots[0].rectangle(0, 0, 0, 0, facecolor=SOFT, alpha=HELD, label=held)
    for model, name in names.items():
        colour, hatch = styles[model]
        plots[0].rectangle(0, 0, 0, 0, facecolor=colour, hatch=hatch, edgecolor=PAPER, label=plain(name))
    add_legend(picture.figure, [plot.axes for plot in plots], legend_columns(list(names.values())), 7)
