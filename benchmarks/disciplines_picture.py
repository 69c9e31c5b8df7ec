"""The picture of ``partload.benchmarks.disciplines``: requests that each uplink serves over the bandwidth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from partload.benchmarks.drawing import blank, style_axes, svg
from partload.benchmarks.palette import BLUE, INK, VERMILION

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from partload.benchmarks.disciplines import Case
    from partload.instances.partial_loading.instance import Uplink


class LineStyle(TypedDict, total=False):
    """Keywords of matplotlib for the line of an uplink."""

    color: str
    marker: str
    linewidth: float
    markersize: float
    alpha: float
    linestyle: str


LINE_STYLES: dict[Uplink, LineStyle] = {
    "pipelined": {"color": BLUE, "marker": "o", "linewidth": 4, "markersize": 9, "alpha": 0.5},
    "static": {"color": VERMILION, "marker": "s", "linewidth": 1.8, "markersize": 5, "linestyle": "--"},
    "slotted": {"color": INK, "marker": "x", "linewidth": 1.2, "markersize": 6},
}
"""Thin lines lie on thick ones, so that equal lines are all visible."""
SIZE_INCHES = (10.0, 3.6)
PIXELS_PER_INCH = 150


def draw(by_band: Mapping[str, Sequence[Case]], path: Path) -> None:
    """Draw one panel for each instance, whose cases are sorted by bandwidth. The same cases give the same file.

    At an optimum without a proof, a bar reaches from the weight served to the bound.
    """
    figure = blank(*SIZE_INCHES)
    panels = figure.subplots(1, len(by_band), sharey=True, squeeze=False)[0]
    for axes, cases in zip(panels, by_band.values()):
        _panel(axes, cases)
    panels[0].set_ylabel("requests served")
    figure.legend(
        *panels[0].get_legend_handles_labels(),
        loc="outside lower center",
        ncols=len(LINE_STYLES),
        frameon=False,
        labelcolor=INK,
    )
    if path.suffix == ".svg":
        path.write_text(svg(figure), encoding="utf-8", newline="\n")
    else:
        figure.savefig(path, dpi=PIXELS_PER_INCH)


def _panel(axes: Axes, cases: Sequence[Case]) -> None:
    instances = [case.instance for case in cases]
    bands = [instance.server.bandwidth_hz / 1e6 for instance in instances]
    for uplink, style in LINE_STYLES.items():
        answers = [case.answers[uplink] for case in cases]
        axes.plot(bands, [answer.served for answer in answers], label=uplink, **style)
        for band, answer in zip(bands, answers):
            if not answer.proved:
                axes.vlines(band, answer.served, answer.bound, color=style["color"])
    axes.set_xscale("log", base=2)
    axes.set_xticks(bands, [f"{band:g}" for band in bands])
    axes.set_yticks(range(0, len(instances[0].requests) + 1, 2))
    axes.set_xlabel("bandwidth [MHz]")
    axes.set_title(instances[0].name, loc="left", fontsize=10, color=INK)
    style_axes(axes)
