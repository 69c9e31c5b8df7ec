"""How the band is divided over time: a rectangle for each request, as wide as its upload and as high as its share.

Slots share the band one after another, so their requests are stacked slot by slot; with the static uplink a request
holds its share from time 0 until its slot is ready, so all are stacked above each other.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import drawing
from benchmarks.drawing import plain
from instances.channels import upload_time
from instances.errors import InputError
from instances.partial_loading.solution import upload_starts
from partload.plots.picture import Picture, blank, headline

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from instances.partial_loading.instance import Instance
    from instances.partial_loading.solution import SlotRecord, Solution

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
"""Colour of what nobody uses; opacity of a share that is held though its upload is done."""
UNITS = ((1e6, "MHz"), (1e3, "kHz"), (1.0, "Hz"))
PLOT_INCHES, HEIGHT_INCHES, LEGEND_ROW_INCHES = (9.0, 3.7), 5.0, 0.17
LETTER_INCHES = (0.052, 0.1)
"""Width and height of a letter in a rectangle."""
EDGE_POINTS_PER_INCH = 8.0
"""White edges are thinner on small rectangles, which they would cover."""
LETTERS_IN_A_ROW, OTHER_ENTRIES = 150, 5
"""Of the legend: what fits into one row, and entries beside those of the models."""


@dataclasses.dataclass(frozen=True)
class Share:
    """The part of the band that one request has."""

    request: str
    model: str
    slot: int
    """From 1."""
    start_s: float
    upload_s: float
    """Length of the upload at this bandwidth; infinite when it never ends."""
    held_s: float
    """How long the share is held: as long as the upload, with the static uplink until the slot is ready."""
    bottom_hz: float
    bandwidth_hz: float
    """b_k."""


def shares(solution: Solution, instance: Instance) -> Iterator[Share]:
    """The shares of all requests that have one, above each other where they are held at the same time."""
    static = instance.server.uplink == "static"
    bottom = 0.0
    for n, (slot, start) in enumerate(zip(solution.slots, upload_starts(solution.slots, instance))):
        if not static:
            bottom = 0.0
        for request, upload in zip(slot.requests, _upload_times(slot, instance)):
            bandwidth = (slot.bandwidth_hz or {})[request]
            held = (slot.ready_s or 0.0) if static else upload
            yield Share(request, slot.model, n + 1, start, upload, held, bottom, bandwidth)
            bottom += bandwidth


def _upload_times(slot: SlotRecord, instance: Instance) -> list[float]:
    columns = instance.arrays
    chosen = instance.positions(slot.requests)
    bandwidth = np.array([(slot.bandwidth_hz or {})[request] for request in slot.requests])
    times: list[float] = upload_time(columns.channel[chosen], columns.input_bits[chosen], bandwidth).tolist()
    return times


@dataclasses.dataclass(frozen=True)
class Frame:
    """What is drawn into: axes of a length and a height."""

    axes: Axes
    end_s: float
    top_hz: float
    unit: tuple[float, str]
    """Hertz per unit of bandwidth, and its name."""

    def inches(self, time_s: float, bandwidth_hz: float) -> tuple[float, float]:
        """About how large something is on paper."""
        return time_s / self.end_s * PLOT_INCHES[0], bandwidth_hz / self.top_hz * PLOT_INCHES[1]

    def rectangle(self, start_s: float, bottom_hz: float, time_s: float, bandwidth_hz: float, **look: Any) -> Artist:
        """Add a rectangle."""
        from matplotlib.patches import Rectangle

        corner = (start_s, bottom_hz / self.unit[0])
        return self.axes.add_patch(Rectangle(corner, time_s, bandwidth_hz / self.unit[0], **look))


def picture(solution: Solution, instance: Instance | None) -> Picture:
    """A picture of the band.

    Raises
    ------
    InputError
        Without the instance, on a solution that does not state its times and bandwidths or is one of another instance,
        or when matplotlib is missing.
    """
    if instance is None:
        problem = "expected the instance, which has the band and the inputs: name it with --instance"
        raise InputError(problem, "instance")
    for n, slot in enumerate(solution.slots):
        if slot.upload_end_s is None or set(slot.requests) - set(slot.bandwidth_hz or ()):
            raise InputError("expected the bandwidths and the end of uploads, they are not stated", f"slots[{n}]")
    looks = _looks(solution)
    columns = max(1, min(8, LETTERS_IN_A_ROW // (6 + max((len(model) for model in looks), default=0))))
    rows = -(-(len(looks) + OTHER_ENTRIES) // columns)
    title = headline(solution, instance) + _measures(solution)
    drawn = blank([(solution, instance)], HEIGHT_INCHES + LEGEND_ROW_INCHES * rows, title)
    frame = _frame(drawn.figure.subplots(), solution, instance)
    frame.axes.set_title(plain(title), loc="left", fontsize=10)
    for share in shares(solution, instance):
        if share.bandwidth_hz > 0:
            _draw_share(drawn, frame, share, looks[share.model])
    _draw_lines(frame, solution.slots, instance)
    _add_legend(drawn, frame, looks, instance, columns)
    return drawn


def _looks(solution: Solution) -> dict[str, tuple[str, str]]:
    """Colour and hatch of each model, in the order in which they run."""
    models = dict.fromkeys(slot.model for slot in solution.slots)
    turns = [divmod(n, len(COLOURS)) for n in range(len(models))]
    return {model: (COLOURS[place], HATCHES[turn % len(HATCHES)]) for model, (turn, place) in zip(models, turns)}


def _measures(solution: Solution) -> str:
    """Jain's index and the use of the uplink, as far as the solution states them."""
    metrics = solution.metrics or {}
    jain, used = metrics.get("jain_index"), metrics.get("uplink_utilisation")
    fairness = "" if jain is None else f"; Jain's index {jain:.3f}"
    return fairness + ("" if used is None else f"; uplink used {used:.1%}")


def _frame(axes: Axes, solution: Solution, instance: Instance) -> Frame:
    """Axes for the whole band until the last slot ends, all of it still unused."""
    band = instance.server.bandwidth_hz
    unit = next((unit for unit in UNITS if band >= unit[0]), UNITS[-1])
    end = max((slot.end_s or 0.0 for slot in solution.slots), default=0.0) or 1.0
    # A plan that breaks the rule of the band is drawn as it is, above the band.
    top = max([band, *(share.bottom_hz + share.bandwidth_hz for share in shares(solution, instance))])
    frame = Frame(axes, end, top, unit)
    frame.rectangle(0, 0, end, band, facecolor=UNUSED, zorder=0.5, label="unused")
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1.02 * top / unit[0])
    axes.set_xlabel("time [s]")
    axes.set_ylabel(f"bandwidth [{unit[1]}]")
    axes.spines[["top", "right"]].set_visible(False)
    return frame


def _draw_share(drawn: Picture, frame: Frame, share: Share, look: tuple[str, str]) -> None:
    """The rectangle of a request, with its name where there is room, and what is held when the upload is done."""
    colour, hatch = look
    upload = min(share.upload_s, frame.end_s)
    inches = frame.inches(upload, share.bandwidth_hz)
    edge: dict[str, Any] = {"edgecolor": "white", "linewidth": min(0.5, EDGE_POINTS_PER_INCH * min(inches))}
    size, unit = frame.unit
    said = f"{share.request}: {share.bandwidth_hz / size:.4g} {unit} for {share.upload_s:.4g} s"
    said += f" (slot {share.slot}, {share.model})"
    corner = (share.start_s, share.bottom_hz)
    if share.held_s > upload:
        rest = (corner[0] + upload, corner[1], share.held_s - upload, share.bandwidth_hz)
        drawn.hover(frame.rectangle(*rest, facecolor=colour, alpha=HELD, **edge), said)
    drawn.hover(frame.rectangle(*corner, upload, share.bandwidth_hz, facecolor=colour, hatch=hatch, **edge), said)
    width, height = len(share.request) * LETTER_INCHES[0], LETTER_INCHES[1]
    lying, standing = inches[0] > width and inches[1] > height, inches[1] > width and inches[0] > height
    if lying or standing:
        middle = (corner[0] + upload / 2, (corner[1] + share.bandwidth_hz / 2) / size)
        ink, turned = ("white" if colour in DARK else "black"), (0 if lying else 90)
        writing: dict[str, Any] = {"color": ink, "fontsize": 6, "ha": "center", "va": "center", "rotation": turned}
        # On its own colour, since hatches and lines are hard to read through.
        frame.axes.text(*middle, plain(share.request), **writing, bbox={"facecolor": colour, "lw": 0, "pad": 0.5})


def _draw_lines(frame: Frame, slots: Sequence[SlotRecord], instance: Instance) -> None:
    """The band's edge, and when each slot starts and has its model and inputs."""
    # Below the shares, which may be as thin as a line; with the static uplink above them, where there is nothing else.
    above = instance.server.uplink == "static"
    style: dict[str, Any] = {"linewidth": 0.6, "color": "#222222", "zorder": 1.5 if above else 0.9}
    for n, slot in enumerate(slots):
        label = (None, None) if n else ("slot starts", "slot is ready")
        frame.axes.axvline(slot.start_s or 0.0, label=label[0], **style)
        frame.axes.axvline(slot.ready_s or 0.0, label=label[1], linestyle=":", **style)
    frame.axes.axhline(instance.server.bandwidth_hz / frame.unit[0], color="black", linewidth=1.2, label="whole band")


def _add_legend(
    drawn: Picture, frame: Frame, looks: dict[str, tuple[str, str]], instance: Instance, columns: int
) -> None:
    if instance.server.uplink == "static":
        frame.rectangle(0, 0, 0, 0, facecolor="#444444", alpha=HELD, label="held, upload done")
    for model, (colour, hatch) in looks.items():
        frame.rectangle(0, 0, 0, 0, facecolor=colour, hatch=hatch, edgecolor="white", label=plain(model))
    drawn.figure.legend(loc="outside lower center", ncols=columns, frameon=False, fontsize=7)
