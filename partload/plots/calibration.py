"""The picture of a calibration: every sample, and the lines through the medians."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from partload import console
from partload.benchmarks import drawing
from partload.benchmarks.drawing import plain
from partload.benchmarks.palette import INK, PALETTE
from partload.plots.picture import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from partload.benchmarks.machine.calibration import Loading, Samples

WIDTH_INCHES, HEIGHT_INCHES = 5.5, 4.0
MOST_NAMED = 12
"""Most models that the legend names."""


def picture(loads: Mapping[str, Loading], batches: Mapping[str, Samples]) -> Picture:
    """Times of loads over bytes and, where they were measured, of batches over requests.

    Raises
    ------
    InputError
        When matplotlib is missing.
    """
    panels = 2 if batches else 1
    figure = drawing.blank(WIDTH_INCHES * panels, HEIGHT_INCHES)
    axes = figure.subplots(1, panels, squeeze=False)[0]
    drawn = Picture(figure, "Times measured on this machine", ())
    columns = {
        f"{cache}: {console.megabytes(one.rate_bytes_per_s)}/s, {one.latency_s * 1e3:.3g} ms": one.samples
        for cache, one in loads.items()
    }
    _panel(axes[0], columns, 1e-6)
    axes[0].set(xlabel="megabytes", ylabel="load, seconds", xscale="log", yscale="log")
    if batches:
        _panel(axes[1], batches, 1.0)
        axes[1].set(xlabel="requests", ylabel="batch, seconds", xlim=(0, None), ylim=(0, None))
    return drawn


def _panel(axes: Axes, columns: Mapping[str, Samples], unit: float) -> None:
    """Draw samples as points and their line."""
    for number, (name, samples) in enumerate(columns.items()):
        colour = PALETTE[number % len(PALETTE)]
        for x, times in zip(samples.x, samples.all_s):
            axes.plot([x * unit] * len(times), times, ".", color=colour, alpha=0.35)
        line = np.linspace(min(samples.x), max(samples.x), 200)
        label = plain(name) if number < MOST_NAMED else None
        axes.plot(line * unit, samples.line.constant + samples.line.slope * line, color=colour, label=label)
    drawing.style_axes(axes)
    axes.legend(fontsize=8, labelcolor=INK, facecolor="none")
