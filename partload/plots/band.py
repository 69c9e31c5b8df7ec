"""The band over time, for either problem: a rectangle for each share, as high as it is and as wide as it is held."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from partload.benchmarks import drawing
from partload.benchmarks.drawing import plain
from partload.plots.picture import Picture

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

COLOURS = (
    drawing.BLUE,
    drawing.ORANGE,
    drawing.GREEN,
    drawing.SKY,
    drawing.VERMILION,
    drawing.PURPLE,
    drawing.YELLOW,
    drawing.BLACK,
)
DARK = frozenset((drawing.BLUE, drawing.GREEN, drawing.VERMILION, drawing.BLACK))
"""Colours on which writing is white."""
HATCHES = ("", "////", r"\\\\", "xxxx", "....", "----", "||||", "++++")
"""One for each turn through the colours."""
UNUSED, HELD = "#E8E8E8", 0.35
"""Colour of what nobody uses; opacity of a share that is held though nothing is sent any more."""
UNITS = ((1e6, "MHz"), (1e3, "kHz"), (1.0, "Hz"))
PLOT_INCHES, HEIGHT_INCHES, LEGEND_ROW_INCHES = (9.0, 3.7), 5.0, 0.17
LETTER_INCHES = (0.052, 0.1)
"""Width and height of a letter in a rectangle."""
EDGE_POINTS_PER_INCH = 8.0
"""White edges are thinner on small rectangles, which they would cover."""
LETTERS_IN_A_ROW, OTHER_ENTRIES = 150, 5
"""Of the legend: what fits into one row, and entries beside those of the models."""

Looks = dict[str, tuple[str, str]]
"""Colour and hatch of each model."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Share:
    """The part of the band that somebody has for a time."""

    name: str
    """Id of who has it."""
    model: str
    start_s: float
    sent_s: float
    """How long sending takes at this bandwidth; infinite when it never ends."""
    held_s: float
    """How long the share is held, at least as long as something is sent."""
    bottom_hz: float
    bandwidth_hz: float
    """b_k."""

    def said(self, frame: Frame) -> str:
        """What the rectangle says when it is pointed at."""
        size, unit = frame.unit
        return f"{self.name}: {self.bandwidth_hz / size:.4g} {unit} for {self.sent_s:.4g} s ({self.model})"


@dataclasses.dataclass(frozen=True)
class Frame:
    """What is drawn into: axes of a length and a height."""

    axes: Axes
    end_s: float
    top_hz: float
    unit: tuple[float, str]
    """Hertz per unit of bandwidth, and its name."""

    @classmethod
    def of(cls, axes: Axes, band_hz: float, end_s: float, shares: Iterable[Share]) -> Frame:
        """Axes for the whole band until the end, all of it still unused."""
        unit = next((unit for unit in UNITS if band_hz >= unit[0]), UNITS[-1])
        # A plan that breaks the rule of the band is drawn as it is, above the band.
        top = max([band_hz, *(share.bottom_hz + share.bandwidth_hz for share in shares)])
        frame = cls(axes, end_s or 1.0, top, unit)
        frame.rectangle(0, 0, frame.end_s, band_hz, facecolor=UNUSED, zorder=0.5, label="unused")
        axes.axhline(band_hz / unit[0], color="black", linewidth=1.2, label="whole band")
        axes.set_xlim(0, frame.end_s)
        axes.set_ylim(0, 1.02 * top / unit[0])
        axes.set_xlabel("time [s]")
        axes.set_ylabel(f"bandwidth [{unit[1]}]")
        axes.spines[["top", "right"]].set_visible(False)
        return frame

    def inches(self, time_s: float, bandwidth_hz: float) -> tuple[float, float]:
        """About how large something is on paper."""
        return time_s / self.end_s * PLOT_INCHES[0], bandwidth_hz / self.top_hz * PLOT_INCHES[1]

    def rectangle(self, start_s: float, bottom_hz: float, time_s: float, bandwidth_hz: float, **look: Any) -> Artist:
        """Add a rectangle."""
        from matplotlib.patches import Rectangle

        corner = (start_s, bottom_hz / self.unit[0])
        return self.axes.add_patch(Rectangle(corner, time_s, bandwidth_hz / self.unit[0], **look))


def looks(models: Iterable[str]) -> Looks:
    """Colour and hatch of each model, in the order in which they first appear."""
    distinct = dict.fromkeys(models)
    turns = [divmod(n, len(COLOURS)) for n in range(len(distinct))]
    return {model: (COLOURS[place], HATCHES[turn % len(HATCHES)]) for model, (turn, place) in zip(distinct, turns)}


def legend_columns(looks: Looks) -> int:
    """How many entries of the legend stand side by side."""
    return max(1, min(8, LETTERS_IN_A_ROW // (6 + max((len(model) for model in looks), default=0))))


def height_inches(looks: Looks) -> float:
    """Height of the picture with its legend."""
    return HEIGHT_INCHES + LEGEND_ROW_INCHES * -(-(len(looks) + OTHER_ENTRIES) // legend_columns(looks))


def draw_share(drawn: Picture, frame: Frame, share: Share, look: tuple[str, str]) -> None:
    """The rectangle of a share, with its name where there is room, and what is held when nothing is sent any more."""
    if share.bandwidth_hz <= 0:
        return
    colour, hatch = look
    sent = min(share.sent_s, frame.end_s)
    inches = frame.inches(sent, share.bandwidth_hz)
    edge: dict[str, Any] = {"edgecolor": "white", "linewidth": min(0.5, EDGE_POINTS_PER_INCH * min(inches))}
    said, corner = share.said(frame), (share.start_s, share.bottom_hz)
    if share.held_s > sent:
        rest = (corner[0] + sent, corner[1], share.held_s - sent, share.bandwidth_hz)
        drawn.hover(frame.rectangle(*rest, facecolor=colour, alpha=HELD, **edge), said)
    drawn.hover(frame.rectangle(*corner, sent, share.bandwidth_hz, facecolor=colour, hatch=hatch, **edge), said)
    width, height = len(share.name) * LETTER_INCHES[0], LETTER_INCHES[1]
    lying, standing = inches[0] > width and inches[1] > height, inches[1] > width and inches[0] > height
    if lying or standing:
        middle = (corner[0] + sent / 2, (corner[1] + share.bandwidth_hz / 2) / frame.unit[0])
        ink, turned = ("white" if colour in DARK else "black"), (0 if lying else 90)
        writing: dict[str, Any] = {"color": ink, "fontsize": 6, "ha": "center", "va": "center", "rotation": turned}
        # On its own colour, since hatches and lines are hard to read through.
        frame.axes.text(*middle, plain(share.name), **writing, bbox={"facecolor": colour, "lw": 0, "pad": 0.5})


def add_legend(drawn: Picture, frame: Frame, looks: Looks, *, held: str | None = None) -> None:
    """What the colours stand for; ``held`` says what the pale ones are, where there are some."""
    if held is not None:
        frame.rectangle(0, 0, 0, 0, facecolor="#444444", alpha=HELD, label=held)
    for model, (colour, hatch) in looks.items():
        frame.rectangle(0, 0, 0, 0, facecolor=colour, hatch=hatch, edgecolor="white", label=plain(model))
    drawn.figure.legend(loc="outside lower center", ncols=legend_columns(looks), frameon=False, fontsize=7)
