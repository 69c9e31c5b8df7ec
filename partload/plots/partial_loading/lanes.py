"""A Gantt chart of a long plan: three lanes for loads, uploads and batches, the time in lines below each other.

Bars have the colours of their models. Where a name does not fit into its bar, it appears when a reader points at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from partload.benchmarks import drawing
from partload.benchmarks.drawing import plain
from partload.instances.partial_loading.solution import upload_starts
from partload.plots import band
from partload.plots.partial_loading.families import family_styles
from partload.plots.picture import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

    from partload.instances.partial_loading.instance import Instance
    from partload.instances.partial_loading.solution import Solution

SLOTS_IN_A_LINE, MOST_LINES = 30, 12
LINE_INCHES, FRAME_INCHES = 1.05, 1.0
LANES = ("load", "upload", "inference")
LANE = 0.84
"""Height of a bar; a lane has the height 1."""
WIDTH_INCHES = 9.0
LETTER_INCHES = 0.052
EDGE_POINTS_PER_INCH = 8.0


class Bar(NamedTuple):
    """What one slot does in one lane."""

    slot: int
    """Number of the slot, from 1."""
    model: str
    requests: int
    lane: int
    start_s: float
    end_s: float

    @property
    def tooltip(self) -> str:
        """The text that appears when a reader points at the bar."""
        times = f"from {self.start_s:.4g} to {self.end_s:.4g} s"
        return f"slot {self.slot}, {self.model}: {LANES[self.lane]} {times}, requests: {self.requests}"


def lines_of(solution: Solution) -> int:
    """Number of lines into which the time is divided."""
    return min(-(-len(solution.slots) // SLOTS_IN_A_LINE), MOST_LINES)


def height_inches(solution: Solution) -> float:
    """Height of the chart with its legend [inches]."""
    styles = band.styles(slot.model for slot in solution.slots)
    rows = -(-len(styles) // band.legend_columns(styles))
    return LINE_INCHES * lines_of(solution) + FRAME_INCHES + band.LEGEND_ROW_INCHES * rows


def draw(drawn: Picture, part: SubFigure, solution: Solution, instance: Instance | None, title: str) -> None:
    """Draw the chart into a part of the figure."""
    from matplotlib.patches import Patch

    models = [slot.model for slot in solution.slots]
    styles = band.styles(models) if instance is None else family_styles(instance, models)
    end = max(slot.end_s or 0.0 for slot in solution.slots) or 1.0
    bars = list(bars_of(solution, instance))
    lines = lines_of(solution)
    grid = part.subplots(lines, 1, squeeze=False)[:, 0]
    for number, axes in enumerate(grid):
        first, last = number * end / lines, (number + 1) * end / lines
        _draw_line(
            drawn, axes, [bar for bar in bars if bar.start_s < last and bar.end_s > first], (first, last), styles
        )
        if instance is not None:
            _draw_deadlines(axes, instance, (first, last))
    grid[0].set_title(title, loc="left", fontsize=10)
    grid[-1].set_xlabel("time [s]")
    handles = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=plain(model))
        for model, (colour, hatch) in styles.items()
    ]
    columns = band.legend_columns(styles)
    part.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False, fontsize=7)


def bars_of(solution: Solution, instance: Instance | None) -> Iterator[Bar]:
    """The bars of all slots; without the instance, the start of an upload is not known and it has none."""
    starts = upload_starts(solution.slots, instance) if instance is not None else [None] * len(solution.slots)
    for number, (slot, upload) in enumerate(zip(solution.slots, starts), 1):
        spans = ((slot.start_s, slot.load_end_s), (upload, slot.upload_end_s), (slot.ready_s, slot.end_s))
        for lane, (start, end) in enumerate(spans):
            if start is not None and end is not None and end > start:
                yield Bar(number, slot.model, len(slot.requests), lane, start, end)


def _draw_line(drawn: Picture, axes: Axes, bars: list[Bar], window: tuple[float, float], styles: band.Styles) -> None:
    first, last = window
    for bar in bars:
        start, end = max(bar.start_s, first), min(bar.end_s, last)
        inches = (end - start) / (last - first) * WIDTH_INCHES
        colour, hatch = styles[bar.model]
        (rectangle,) = axes.barh(
            bar.lane,
            end - start,
            LANE,
            start,
            color=colour,
            hatch=hatch,
            edgecolor=drawing.PAPER,
            linewidth=min(0.6, EDGE_POINTS_PER_INCH * inches),
        )
        drawn.add_tooltip(rectangle, bar.tooltip)
        if LANES[bar.lane] == "inference":
            _label(axes, bar, (start + end) / 2, inches, colour)
    axes.set_yticks(range(len(LANES)), LANES, fontsize=7)
    axes.set_ylim(len(LANES) - 0.5, -0.5)
    axes.set_xlim(first, last)
    axes.tick_params(labelsize=7)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _label(axes: Axes, bar: Bar, middle: float, inches: float, colour: str) -> None:
    """The name of the model, and the number of requests, where they fit: across the bar or along it."""
    for text in (f"{bar.model}: {bar.requests}", bar.model):
        wide = inches > len(text) * LETTER_INCHES
        if wide or (inches > 2 * LETTER_INCHES and len(text) * LETTER_INCHES < LINE_INCHES * LANE / len(LANES)):
            axes.text(
                middle,
                bar.lane,
                plain(text),
                color=drawing.ink_on(colour),
                fontsize=6,
                ha="center",
                va="center",
                rotation=0 if wide else 90,
                bbox={"facecolor": colour, "lw": 0, "pad": 0.5},
            )
            return


def _draw_deadlines(axes: Axes, instance: Instance, window: tuple[float, float]) -> None:
    """A line for each deadline of a request that is served, from within the window."""
    for deadline in sorted(set(instance.arrays.deadline_s.tolist())):
        if window[0] < deadline <= window[1]:
            axes.axvline(deadline, color=drawing.VERMILION, linestyle="--", linewidth=0.8)
