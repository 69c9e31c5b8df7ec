"""A Gantt picture of a PartialLoading solution: a row for each slot, with its load, its uploads and its batch.

Beside it, where the instance is known: how much of each model was loaded and how much was found in memory.
Colours are those of Okabe and Ito, which people with any colour vision can tell apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from instances.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from instances.partial_loading.instance import Instance
    from instances.partial_loading.solution import SlotRecord, Solution

ENDINGS = (".svg", ".png")
LOAD, UPLOAD, INFERENCE, DEADLINE = "#0072B2", "#E69F00", "#009E73", "#D55E00"
REUSED = "#A6CEE3"
UNITS = ((1e9, "GB"), (1e6, "MB"), (1.0, "B"))
BAR = 0.26
"""Height of a bar; three of them and some air make the row of a slot."""
ROW_INCHES, FRAME_INCHES, WIDTH_INCHES = 0.34, 1.5, 10.0
PIXELS_PER_INCH = 150


def plot(solution: Solution, path: str | Path, instance: Instance | None = None) -> None:
    """Draw a solution into a file.

    Parameters
    ----------
    solution
        A solution that states its times.
    path
        File ending in ``.svg`` or ``.png``.
    instance
        The instance it solves; without it, deadlines, the start of uploads and block sizes are not known.

    Raises
    ------
    InputError
        On another ending, a file that cannot be written, a solution without times or of another instance, or when
        matplotlib is missing.
    """
    save(figure([(solution, instance)]), Path(path))


def save(picture: Figure, path: Path) -> None:
    """Write a picture; the same one gives the same file."""
    from matplotlib import rc_context

    if path.suffix not in ENDINGS:
        raise InputError(f"expected a file ending in {' or '.join(ENDINGS)}", source=str(path))
    metadata = {"Date": None} if path.suffix == ".svg" else {}
    try:
        with rc_context({"svg.hashsalt": "partload"}):
            picture.savefig(path, dpi=PIXELS_PER_INCH, metadata=metadata)
    except OSError as error:
        raise InputError(f"cannot write here: {error.strerror}", source=str(path)) from None


def figure(shown: Sequence[tuple[Solution, Instance | None]]) -> Figure:
    """A picture of one solution, or of several below each other on one scale of time.

    Raises
    ------
    InputError
        On a solution without times, one of another instance, or when matplotlib is missing.
    """
    for solution, instance in shown:
        _refuse(solution, instance)
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise InputError("pictures need matplotlib: pip install 'partload[plot]'") from None
    rows = [max(len(solution.slots), 1) for solution, _ in shown]
    height = sum(ROW_INCHES * count + FRAME_INCHES for count in rows)
    picture = Figure(figsize=(WIDTH_INCHES, height), layout="constrained")
    ratios = [ROW_INCHES * count + FRAME_INCHES for count in rows]
    grid = picture.subplots(len(shown), 2, width_ratios=(4, 1), height_ratios=ratios, squeeze=False, sharex="col")
    unit = _unit([instance for _, instance in shown if instance is not None])
    for (solution, instance), (times, sizes) in zip(shown, grid):
        _draw_times(times, solution, instance)
        _draw_sizes(sizes, solution, instance, unit)
    marks = zip(*(axes.get_legend_handles_labels() for axes in grid[0]))
    handles, labels = ([mark for part in parts for mark in part] for parts in marks)
    picture.legend(handles, labels, loc="outside lower center", ncols=6, frameon=False)
    return picture


def _refuse(solution: Solution, instance: Instance | None) -> None:
    if instance is not None and instance.name != solution.instance:
        problem = f"expected a solution of {instance.name!r}, it solves {solution.instance!r}"
        raise InputError(problem, "instance")
    for n, slot in enumerate(solution.slots):
        if None in (slot.start_s, slot.load_end_s, slot.ready_s, slot.end_s):
            raise InputError("expected the times of the slot, they are not stated", f"slots[{n}]")


def _draw_times(axes: Axes, solution: Solution, instance: Instance | None) -> None:
    slots = solution.slots
    rows = range(len(slots))
    start = [slot.start_s or 0.0 for slot in slots]
    load = [(slot.load_end_s or 0.0) - (slot.start_s or 0.0) for slot in slots]
    batch = [(slot.end_s or 0.0) - (slot.ready_s or 0.0) for slot in slots]
    ready = [slot.ready_s or 0.0 for slot in slots]
    axes.barh([row - BAR for row in rows], load, BAR, start, color=LOAD, label="load")
    _draw_uploads(axes, slots, instance)
    axes.barh([row + BAR for row in rows], batch, BAR, ready, color=INFERENCE, label="inference")
    if instance is not None:
        _draw_deadlines(axes, slots, instance)
    axes.set_yticks(rows, [f"{slot.model}: {len(slot.requests)}" for slot in slots], fontsize=8)
    axes.set_ylim(max(len(slots), 1) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_xlabel("time [s]")
    axes.set_ylabel("model: requests in the batch")
    axes.set_title(_title(solution, instance), loc="left", fontsize=10)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_uploads(axes: Axes, slots: Sequence[SlotRecord], instance: Instance | None) -> None:
    """Bars where it is known when uploads start; their ends alone where it is not."""
    ends = [(row, slot.upload_end_s) for row, slot in enumerate(slots) if slot.upload_end_s is not None]
    if instance is None:
        axes.plot([end for _, end in ends], [row for row, _ in ends], "d", color=UPLOAD, label="end of uploads")
        return
    begins = {"slotted": [slot.start_s or 0.0 for slot in slots], "static": [0.0] * len(slots)}
    begins["pipelined"] = [0.0, *(slot.upload_end_s or 0.0 for slot in slots[:-1])]
    begin = begins[instance.server.uplink]
    lengths = [end - begin[row] for row, end in ends]
    axes.barh([row for row, _ in ends], lengths, BAR, [begin[row] for row, _ in ends], color=UPLOAD, label="upload")


def _draw_deadlines(axes: Axes, slots: Sequence[SlotRecord], instance: Instance) -> None:
    """One line where all requests share a deadline; else a tick in each slot for every request's own."""
    deadlines = instance.arrays.deadline_s
    axes.plot([], [], color=DEADLINE, linestyle="--", label="deadline")
    if len(set(deadlines.tolist())) == 1:
        axes.axvline(float(deadlines[0]), color=DEADLINE, linestyle="--")
        return
    for row, slot in enumerate(slots):
        own = {float(deadlines[instance.request_index[request]]) for request in slot.requests}
        axes.vlines(sorted(own), row - 0.45, row + 0.45, color=DEADLINE, linewidth=1.2)


def _unit(instances: Sequence[Instance]) -> tuple[float, str]:
    """Bytes per unit, and the unit's name, that suit the largest model of some instances."""
    largest = max((instance.size_of(model.blocks) for instance in instances for model in instance.models), default=0.0)
    return next(((size, name) for size, name in UNITS if largest >= size), UNITS[-1])


def _draw_sizes(axes: Axes, solution: Solution, instance: Instance | None, unit: tuple[float, str]) -> None:
    """What each slot loaded and what it found; nothing without the sizes of the blocks."""
    if instance is None:
        axes.set_axis_off()
        return
    rows = range(len(solution.slots))
    size, name = unit
    loaded = [instance.size_of(slot.loaded_blocks or ()) / size for slot in solution.slots]
    whole = [instance.size_of(instance.block_sets[slot.model]) / size for slot in solution.slots]
    found = [total - new for total, new in zip(whole, loaded)]
    axes.barh(rows, loaded, 3 * BAR, color=LOAD)
    axes.barh(rows, found, 3 * BAR, loaded, color=REUSED, hatch="///", edgecolor="white", label="reused")
    axes.set_yticks([])
    axes.set_ylim(max(len(solution.slots), 1) - 0.5, -0.5)
    axes.set_xlabel(f"loaded and reused [{name}]")
    axes.spines[["top", "right"]].set_visible(False)


def _title(solution: Solution, instance: Instance | None) -> str:
    served = sum(len(slot.requests) for slot in solution.slots)
    asked = len(instance.requests) if instance is not None else (solution.metrics or {}).get("requested")
    of = "" if asked is None else f" of {asked:g}"
    status = "" if solution.status is None else f", {solution.status}"
    missing = "" if instance is not None else " (deadlines not known)"
    return f"{solution.instance}: {served}{of} requests served{status}{missing}"
