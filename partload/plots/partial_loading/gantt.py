"""A Gantt chart of a PartialLoading solution: one row for each slot, with its load, its uploads and its batch.

Where the instance is known, a second chart beside it shows how many bytes each slot loads and how many it reuses.
Related models have related colours at their names. A plan with many slots is drawn in lanes instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from partload.benchmarks.drawing import style_axes
from partload.benchmarks.palette import BLUE, GREEN, ORANGE, PAPER, VERMILION, tint
from partload.instances.partial_loading.solution import upload_starts
from partload.plots import colours
from partload.plots.partial_loading import lanes
from partload.plots.partial_loading.families import families
from partload.plots.picture import Picture, add_legend, blank, headline, label_rows, set_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from partload.instances.partial_loading.instance import Instance
    from partload.instances.partial_loading.solution import SlotRecord, Solution

LOAD, UPLOAD, INFERENCE, DEADLINE = BLUE, ORANGE, GREEN, VERMILION
REUSED = tint(BLUE, 0.55)
UNITS = ((1e9, "GB"), (1e6, "MB"), (1.0, "B"))
MOST_ROWS = 30
"""Most slots that have a row each. A plan with more slots is drawn in lanes."""
BAR = 0.26
"""Height of a bar; a row has the height 1 and holds three bars."""
ROW_INCHES, FRAME_INCHES = 0.34, 1.5
SWATCH = (-0.011, 0.008)
"""Start and width of the colour of a model beside its name, as shares of the width of the axes."""


def picture(solved: Sequence[tuple[Solution, Instance | None]]) -> Picture:
    """A picture of one solution, or of several below each other with a common time axis.

    Each solution comes with its instance, or None where it is not known.

    Raises
    ------
    InputError
        On a solution without times, on an instance that is not that of the solution, or when matplotlib is missing.
    """
    if any(len(solution.slots) > MOST_ROWS for solution, _ in solved):
        return lanes.picture(solved)
    heights = [ROW_INCHES * max(len(solution.slots), 1) + FRAME_INCHES for solution, _ in solved]
    drawn = blank(solved, sum(heights), "; ".join(headline(solution, instance) for solution, instance in solved))
    grid = drawn.figure.subplots(
        len(solved), 2, width_ratios=(4, 1), height_ratios=heights, squeeze=False, sharex="col"
    )
    unit = _unit([instance for _, instance in solved if instance is not None])
    # A model has the same colour in every chart, also in that of a copy without sharing.
    models = [slot.model for solution, _ in solved for slot in solution.slots]
    styles = colours.styles(families(models, solved[0][1]))
    for (solution, instance), (times, sizes) in zip(solved, grid):
        _draw_times(drawn, times, solution, instance)
        _draw_swatches(times, solution.slots, styles)
        _draw_sizes(sizes, solution, instance, unit)
    add_legend(drawn.figure, [axes for row in grid for axes in row])
    return drawn


def _draw_times(drawn: Picture, axes: Axes, solution: Solution, instance: Instance | None) -> None:
    slots = solution.slots
    loads = [(slot.start_s, slot.load_end_s) for slot in slots]
    _draw_bars(drawn, axes, slots, loads, (-BAR, LOAD, "load"))
    if instance is not None:
        uploads = list(zip(upload_starts(slots, instance), (slot.upload_end_s for slot in slots)))
        _draw_bars(drawn, axes, slots, uploads, (0, UPLOAD, "upload"))
        _draw_deadlines(axes, slots, instance)
    else:
        ends = [(slot.upload_end_s, row) for row, slot in enumerate(slots) if slot.upload_end_s is not None]
        axes.plot([end for end, _ in ends], [row for _, row in ends], "d", color=UPLOAD, label="end of uploads")
    _draw_bars(drawn, axes, slots, [(slot.ready_s, slot.end_s) for slot in slots], (BAR, INFERENCE, "inference"))
    label_rows(axes, [f"{slot.model}: {len(slot.requests)}" for slot in slots], "model: requests")
    axes.set_xlim(left=0)
    axes.set_xlabel("time [s]")
    missing = "" if instance is not None else " (deadlines not known)"
    set_title(axes, headline(solution, instance) + missing)
    style_axes(axes, grid="x")
    # The names make room for the colours of the models.
    axes.tick_params(axis="y", length=0, pad=9)
    axes.tick_params(labelbottom=True)


def _draw_swatches(axes: Axes, slots: Sequence[SlotRecord], styles: colours.Styles) -> None:
    """Draw the colour of each slot's model beside its name."""
    from matplotlib.patches import Rectangle

    for row, slot in enumerate(slots):
        colour, hatch = styles[slot.model]
        place, size = (SWATCH[0], row - 0.4), (SWATCH[1], 0.8)
        axes.add_patch(
            Rectangle(
                place,
                *size,
                transform=axes.get_yaxis_transform(),
                clip_on=False,
                facecolor=colour,
                hatch=hatch,
                edgecolor=PAPER,
                linewidth=0,
            )
        )


def _draw_bars(
    drawn: Picture,
    axes: Axes,
    slots: Sequence[SlotRecord],
    spans: Sequence[tuple[float | None, float | None]],
    style: tuple[float, str, str],
) -> None:
    """Draw a bar in each row from its start to its end [s]; a row without an end gets no bar.

    ``style`` is the offset of the bar inside its row, its colour and its label.
    """
    offset, colour, label = style
    known = [(row, start or 0.0, end) for row, (start, end) in enumerate(spans) if end is not None]
    rows, lengths = [row + offset for row, _, _ in known], [end - start for _, start, end in known]
    bars = axes.barh(rows, lengths, BAR, [start for _, start, _ in known], color=colour, label=label)
    for bar, (row, start, end) in zip(bars, known):
        drawn.add_tooltip(bar, f"slot {row + 1}, {slots[row].model}: {label} from {start:.4g} to {end:.4g} s")


def _draw_deadlines(axes: Axes, slots: Sequence[SlotRecord], instance: Instance) -> None:
    """Draw one line when all requests share a deadline; otherwise mark the deadlines of the requests of each slot."""
    deadlines = instance.arrays.deadline_s
    if len(set(deadlines.tolist())) == 1:
        axes.axvline(float(deadlines[0]), color=DEADLINE, linestyle="--", label="deadline")
        return
    axes.plot([], [], color=DEADLINE, linewidth=1.2, label="deadlines of its requests")
    for row, slot in enumerate(slots):
        own = {float(deadlines[instance.request_index[request]]) for request in slot.requests}
        axes.vlines(sorted(own), row - 0.45, row + 0.45, color=DEADLINE, linewidth=1.2)


def _unit(instances: Sequence[Instance]) -> tuple[float, str]:
    """The bytes per unit and the name of the unit in which the largest model of the instances is at least 1."""
    largest = max((instance.size_of(model.blocks) for instance in instances for model in instance.models), default=0.0)
    return next(((size, name) for size, name in UNITS if largest >= size), UNITS[-1])


def _draw_sizes(axes: Axes, solution: Solution, instance: Instance | None, unit: tuple[float, str]) -> None:
    """Draw how much each slot loads and how much it reuses; without the instance, draw nothing."""
    if instance is None:
        axes.set_axis_off()
        return
    rows = range(len(solution.slots))
    size, name = unit
    loaded = [instance.size_of(slot.loaded_blocks or ()) / size for slot in solution.slots]
    whole = [instance.size_of(instance.block_sets[slot.model]) / size for slot in solution.slots]
    found = [total - new for total, new in zip(whole, loaded)]
    axes.barh(rows, loaded, 3 * BAR, color=LOAD)
    axes.barh(rows, found, 3 * BAR, loaded, color=REUSED, hatch="///", edgecolor=PAPER, label="reused")
    axes.set_yticks([])
    axes.set_ylim(max(len(solution.slots), 1) - 0.5, -0.5)
    axes.set_xlabel(f"loaded and reused [{name}]")
    style_axes(axes, grid="x")
    axes.tick_params(labelbottom=True)
