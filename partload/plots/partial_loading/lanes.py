"""A PartialLoading solution with many slots in lanes: loads, uploads and inference, in the colour of the model.

The time axis goes over several strips below each other, like the lines of a text. Names stand above the strips.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from partload.benchmarks.drawing import plain, style_axes
from partload.benchmarks.palette import INK, PAPER, SOFT, text_on, tint
from partload.instances.partial_loading.solution import upload_starts
from partload.plots import colours, leaders
from partload.plots.colours import Style, Styles
from partload.plots.partial_loading.families import families
from partload.plots.picture import Picture, add_legend, blank, headline, label_rows, set_title
from partload.plots.strips import WIDTH_INCHES, Window, shown, windows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from partload.instances.partial_loading.instance import Instance
    from partload.instances.partial_loading.solution import SlotRecord, Solution

MOST_SLOTS = 1200
"""Most slots that are drawn."""
LOAD, UPLOAD, INFERENCE, SHARE, DEADLINES = "load", "upload", "inference", "loaded | reused", "deadlines"
BAR = 0.86
"""Height of a bar; a lane has the height 1."""
LANE_INCHES, AXIS_INCHES, TITLE_INCHES, LEGEND_ROW_INCHES = 0.26, 0.52, 0.45, 0.17
EDGE_POINTS_PER_INCH, EDGE_POINTS, NUMBER_INCHES = 8.0, 0.5, 0.07
"""Edges are thinner on narrow bars; a digit takes some room."""
TITLE_GAP_INCHES, HATCHED_INCHES = 0.18, 0.08
"""Space between names and title; width from which a bar has a hatch, which would hide a narrower one."""
MOST_FAMILIES, LEGEND_COLUMNS = 20, 5


@dataclasses.dataclass(frozen=True)
class Bar:
    """A part of a lane."""

    lane: str
    start_s: float
    end_s: float
    low: float
    high: float
    """Lower and upper edge within the lane, from 0 to 1."""
    style: Style
    tooltip: str
    text: str = ""


def picture(solved: Sequence[tuple[Solution, Instance | None]]) -> Picture:
    """A picture of one solution, or of several below each other.

    Raises
    ------
    InputError
        On a solution without times, on an instance that is not that of the solution, or when matplotlib is missing.
    """
    plans = [_Plan.of(solution, instance) for solution, instance in solved]
    models = dict.fromkeys(slot.model for plan in plans for slot in plan.slots)
    groups = families(models, plans[0].instance)
    styles = colours.styles(groups)
    heights = [height for plan in plans for height in plan.heights()]
    names = dict(list(colours.family_names(groups).items())[:MOST_FAMILIES])
    legend = LEGEND_ROW_INCHES * (2 - -len(names) // LEGEND_COLUMNS)
    drawn = blank(solved, sum(heights) + legend, "; ".join(headline(*pair) for pair in solved))
    grid = drawn.figure.subplots(len(heights), 1, height_ratios=heights, squeeze=False)
    rows = iter([axes for (axes,) in grid])
    for plan in plans:
        bars = list(plan.bars(styles))
        for number, window in enumerate(plan.windows):
            _draw(drawn, next(rows), plan, bars, window, titled=number == 0)
    _label_families(grid[0][0], names, styles)
    add_legend(drawn.figure, [axes for (axes,) in grid], LEGEND_COLUMNS, 7)
    return drawn


@dataclasses.dataclass(frozen=True)
class _Plan:
    """A solution, the part of it that is drawn, and how."""

    solution: Solution
    instance: Instance | None
    slots: tuple[SlotRecord, ...]
    windows: list[Window]
    deadlines: tuple[float, ...]
    """The deadlines of the instance, each once; empty when they are not known."""

    @classmethod
    def of(cls, solution: Solution, instance: Instance | None) -> _Plan:
        slots = tuple(solution.slots[:MOST_SLOTS])
        end = max((slot.end_s or 0.0 for slot in slots), default=0.0)
        deadlines = () if instance is None else tuple(sorted(set(instance.arrays.deadline_s.tolist())))
        return cls(solution, instance, slots, windows(len(slots), end), deadlines)

    @property
    def lanes(self) -> list[str]:
        known = [] if self.instance is None else [SHARE]
        return [LOAD, UPLOAD, INFERENCE, *known, *([DEADLINES] if len(self.deadlines) > 1 else [])]

    @property
    def names_inches(self) -> float:
        """The height of the names above a strip."""
        return leaders.height_inches([slot.model for slot in self.slots])

    def heights(self) -> list[float]:
        """The heights of the strips [inches]."""
        strip = LANE_INCHES * len(self.lanes) + AXIS_INCHES + self.names_inches
        return [strip + TITLE_INCHES, *([strip] * (len(self.windows) - 1))]

    def bars(self, styles: Styles) -> Iterator[Bar]:
        """The bars of all slots."""
        known = self.instance is not None
        starts = upload_starts(self.slots, self.instance) if self.instance is not None else [None] * len(self.slots)
        uploads = [(start, slot.upload_end_s) for start, slot in zip(starts, self.slots)]
        places, count = _packed(uploads)
        for number, (slot, (first, last), place) in enumerate(zip(self.slots, uploads, places)):
            name, style = f"slot {number + 1}, {slot.model}", styles[slot.model]
            start, loaded, ready, end = (
                time or 0.0 for time in (slot.start_s, slot.load_end_s, slot.ready_s, slot.end_s)
            )
            many = f"{len(slot.requests)} request{'' if len(slot.requests) == 1 else 's'}"
            yield Bar(LOAD, start, loaded, 0, 1, style, f"{name}: load from {start:.4g} to {loaded:.4g} s")
            if known and first is not None and last is not None:
                said = f"{name}: upload from {first:.4g} to {last:.4g} s, {many}"
                yield Bar(UPLOAD, first, last, place / count, (place + 1) / count, style, said)
            said = f"{name}: inference from {ready:.4g} to {end:.4g} s, {many}"
            yield Bar(INFERENCE, ready, end, 0, 1, style, said, str(len(slot.requests)))
            if self.instance is not None:
                yield from _share(slot, self.instance, name, style)


def _share(slot: SlotRecord, instance: Instance, name: str, style: Style) -> Iterator[Bar]:
    """The shares of a slot's model that are loaded and that are reused, one above the other while the slot runs."""
    whole, loaded = instance.size_of(instance.block_sets[slot.model]), instance.size_of(slot.loaded_blocks or ())
    part = loaded / whole if whole else 0.0
    said = f"{name}: loads {loaded / 1e6:.4g} of {whole / 1e6:.4g} MB, reuses {part_of(whole - loaded, whole)}"
    start, end = slot.start_s or 0.0, slot.end_s or 0.0
    if part > 0:
        yield Bar(SHARE, start, end, 0, part, (style[0], ""), said)
    if part < 1:
        yield Bar(SHARE, start, end, part, 1, (tint(style[0], 0.7), "////"), said)


def part_of(amount: float, whole: float) -> str:
    """A share in percent; that of nothing is 0."""
    return f"{amount / whole if whole else 0.0:.1%}"


def _packed(spans: Sequence[tuple[float | None, float | None]]) -> tuple[list[int], int]:
    """Rows for time spans so that those in a row do not overlap, and the number of rows."""
    free: list[float] = []
    rows = []
    for start, end in spans:
        begins = 0.0 if start is None else start
        row = next((row for row, until in enumerate(free) if until <= begins + 1e-9 * abs(until)), len(free))
        if row == len(free):
            free.append(0.0)
        free[row] = begins if end is None else end
        rows.append(row)
    return rows, max(len(free), 1)


def _draw(drawn: Picture, axes: Axes, plan: _Plan, bars: Sequence[Bar], window: Window, *, titled: bool) -> None:
    start, end = window
    lanes = plan.lanes
    label_rows(axes, lanes, "", 7)
    axes.set_xlim(start, end)
    axes.set_xlabel("time [s]")
    style_axes(axes, grid="x")
    axes.tick_params(axis="y", length=0)
    for bar in bars:
        _draw_bar(drawn, axes, bar, lanes.index(bar.lane), window)
    if plan.instance is None:
        known = [slot.upload_end_s for slot in plan.slots if slot.upload_end_s is not None]
        ends = [time for time in known if start <= time <= end]
        axes.plot(ends, [lanes.index(UPLOAD)] * len(ends), "d", color=SOFT, markersize=4, label="end of uploads")
    _draw_deadlines(axes, plan, window)
    leaders.above(axes, visit_names(plan.slots, window), WIDTH_INCHES)
    if titled:
        left_out = len(plan.solution.slots) - len(plan.slots)
        more = f" (the first {len(plan.slots)} slots; {left_out} more are not drawn)" if left_out else ""
        missing = "" if plan.instance is not None else " (deadlines not known)"
        set_title(axes, headline(plan.solution, plan.instance) + more + missing, plan.names_inches + TITLE_GAP_INCHES)


def _draw_bar(drawn: Picture, axes: Axes, bar: Bar, lane: int, window: Window) -> None:
    from matplotlib.patches import Rectangle

    part = shown(window, bar.start_s, bar.end_s)
    if part is None:
        return
    colour, hatch = bar.style
    width = (part[1] - part[0]) / (window[1] - window[0]) * WIDTH_INCHES
    # The axis of lanes goes down, so the upper edge of a bar has the lesser number.
    top, height = lane + BAR / 2 - BAR * bar.high, BAR * (bar.high - bar.low)
    made = Rectangle(
        (part[0], top),
        part[1] - part[0],
        height,
        facecolor=colour,
        hatch=hatch if width >= HATCHED_INCHES else None,
        edgecolor=PAPER,
        linewidth=min(EDGE_POINTS, EDGE_POINTS_PER_INCH * width),
    )
    drawn.add_tooltip(axes.add_patch(made), bar.tooltip)
    if bar.text and width > NUMBER_INCHES * len(bar.text):
        axes.text(
            (part[0] + part[1]) / 2,
            lane,
            bar.text,
            color=text_on(colour),
            fontsize=6.5,
            ha="center",
            va="center",
            bbox={"facecolor": colour, "linewidth": 0, "pad": 1.0} if hatch else None,
        )


def _draw_deadlines(axes: Axes, plan: _Plan, window: Window) -> None:
    """Draw a line for the one deadline of all; otherwise mark the deadlines of the requests that are served."""
    if plan.instance is None:
        return
    if len(plan.deadlines) == 1:
        if window[0] <= plan.deadlines[0] <= window[1]:
            axes.axvline(plan.deadlines[0], color=INK, linestyle="--", label="deadline")
        return
    instance, lane = plan.instance, plan.lanes.index(DEADLINES)
    own = {
        float(instance.arrays.deadline_s[instance.request_index[request]])
        for slot in plan.slots
        for request in slot.requests
    }
    axes.vlines(sorted(own), lane - BAR / 2, lane + BAR / 2, color=INK, linewidth=0.6)


def visit_names(slots: Sequence[SlotRecord], window: Window) -> list[leaders.Label]:
    """The names of the models above a strip, one for consecutive slots of a model; of too many, the longest visits."""
    visits: list[tuple[str, float, float]] = []
    for slot in slots:
        part = shown(window, slot.start_s or 0.0, slot.end_s or 0.0)
        if part is None:
            continue
        if visits and visits[-1][0] == slot.model:
            visits[-1] = (slot.model, visits[-1][1], part[1])
        else:
            visits.append((slot.model, *part))
    start, long = window[0], window[1] - window[0]
    labels = [(end - begin, (((begin + end) / 2 - start) / long, model)) for model, begin, end in visits]
    return leaders.fitting(labels, WIDTH_INCHES)


def _label_families(axes: Axes, names: dict[str, str], styles: Styles) -> None:
    """Enter the colours of the families into the legend."""
    from matplotlib.patches import Rectangle

    for first, name in names.items():
        colour, hatch = styles[first]
        patch = Rectangle((0, 0), 0, 0, facecolor=colour, hatch=hatch, edgecolor=PAPER, label=plain(name))
        axes.add_patch(patch)
