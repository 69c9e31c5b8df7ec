"""The bandwidth over time: one rectangle for each request, as wide as its upload and as high as its bandwidth.

Slots use the band one after another, so the requests of one slot are stacked. With the static uplink a request holds
its bandwidth from its arrival until its slot is ready, so all requests are stacked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from partload.benchmarks.palette import INK
from partload.instances.channels import upload_time
from partload.instances.errors import InputError
from partload.instances.partial_loading.solution import upload_starts
from partload.plots import band, colours, leaders
from partload.plots.partial_loading.families import families
from partload.plots.partial_loading.lanes import MOST_FAMILIES, TITLE_GAP_INCHES, visit_names
from partload.plots.picture import Picture, blank, headline, set_title
from partload.plots.strips import WIDTH_INCHES

if TYPE_CHECKING:
    from partload.instances.partial_loading.instance import Instance
    from partload.instances.partial_loading.solution import SlotRecord, Solution

LINES = (("slot starts", "-"), ("slot is ready", ":"))
MOST_MODELS = 16
"""Most models in the legend. The names of more models stand above their slots, and the legend has their families."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Share(band.Share):
    """The bandwidth that one request holds for a time."""

    slot: int
    """Number of the slot, from 1."""

    def tooltip(self, plot: band.BandAxes) -> str:
        """The text that appears when a reader points at the rectangle."""
        return f"{super().tooltip(plot).removesuffix(f'({self.model})')}(slot {self.slot}, {self.model})"


def shares(solution: Solution, instance: Instance) -> Iterator[Share]:
    """The shares of all requests; shares that are held at the same time are stacked."""
    static = instance.uplink_discipline.one_band
    bottom = 0.0
    for n, (slot, start) in enumerate(zip(solution.slots, upload_starts(solution.slots, instance))):
        if not static:
            bottom = 0.0
        for request, upload in zip(slot.requests, _upload_times(slot, instance)):
            if static:
                start = instance.requests[instance.request_index[request]].arrival_s
            bandwidth = (slot.bandwidth_hz or {})[request]
            yield Share(
                name=request,
                model=slot.model,
                slot=n + 1,
                start_s=start,
                sent_s=upload,
                held_s=(slot.ready_s or 0.0) - start if static else upload,
                bottom_hz=bottom,
                bandwidth_hz=bandwidth,
            )
            bottom += bandwidth


def _upload_times(slot: SlotRecord, instance: Instance) -> list[float]:
    columns = instance.arrays
    chosen = instance.positions(slot.requests)
    bandwidth = np.array([(slot.bandwidth_hz or {})[request] for request in slot.requests])
    times: list[float] = upload_time(columns.channel[chosen], columns.input_bits[chosen], bandwidth).tolist()
    return times


def picture(solution: Solution, instance: Instance | None) -> Picture:
    """A picture of the bandwidth of each request over time.

    Raises
    ------
    InputError
        Without the instance, on a solution without times or bandwidths, on an instance that is not that of the
        solution, or when matplotlib is missing.
    """
    if instance is None:
        problem = "expected the instance, which has the band and the inputs: name it with --instance"
        raise InputError(problem, "instance")
    for n, slot in enumerate(solution.slots):
        if slot.upload_end_s is None or set(slot.requests) - set(slot.bandwidth_hz or ()):
            raise InputError(
                "expected the bandwidths and the end of the uploads, the solution does not state them", f"slots[{n}]"
            )
    groups = families((slot.model for slot in solution.slots), instance)
    styles = colours.styles(groups)
    many = len(styles) > MOST_MODELS
    names = (
        dict(list(colours.family_names(groups).items())[:MOST_FAMILIES]) if many else {model: model for model in styles}
    )
    title = headline(solution, instance) + _measures(solution)
    end = max((slot.end_s or 0.0 for slot in solution.slots), default=0.0)
    layout = band.Layout.of(len(solution.slots), end, list(styles) if many else ())
    drawn = blank([(solution, instance)], layout.height_inches(list(names.values())), title)
    plots = layout.draw(drawn, instance.server.bandwidth_hz, list(shares(solution, instance)), styles)
    set_title(plots[0].axes, title, layout.names_inches + (TITLE_GAP_INCHES if many else 0.08))
    for plot in plots:
        _draw_lines(plot, solution.slots, instance)
        if many:
            leaders.above(plot.axes, visit_names(solution.slots, plot.window), WIDTH_INCHES)
    static = instance.uplink_discipline.one_band
    band.add_models(drawn, plots, styles, names=names, held="held, upload done" if static else None)
    return drawn


def _measures(solution: Solution) -> str:
    """Jain's index and the utilisation of the uplink, where the solution states them."""
    metrics = solution.metrics or {}
    jain, used = metrics.get("jain_index"), metrics.get("uplink_utilisation")
    fairness = "" if jain is None else f"; Jain's index {jain:.3f}"
    return fairness + ("" if used is None else f"; uplink used {used:.1%}")


def _draw_lines(plot: band.BandAxes, slots: Sequence[SlotRecord], instance: Instance) -> None:
    """Mark the times at which each slot starts and is ready: its model is loaded and its inputs are uploaded."""
    # The lines lie below the shares, because a share may be as thin as a line. With the static uplink the shares fill
    # the picture, so the lines lie above them.
    above = instance.uplink_discipline.one_band
    style: dict[str, Any] = {"linewidth": 0.6, "color": INK, "zorder": 1.5 if above else 0.9}
    start, end = plot.window
    for slot in slots:
        for time, line in ((slot.start_s or 0.0, LINES[0]), (slot.ready_s or 0.0, LINES[1])):
            if start <= time <= end:
                plot.axes.axvline(time, label=line[0], linestyle=line[1], **style)
