"""Figures of sweeps: the weight that each method serves over a parameter.

A method that ran with sharing and without has a further panel: its gain by sharing.
"""

from __future__ import annotations

import dataclasses
import re
import statistics
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from partload.benchmarks import drawing
from partload.benchmarks.drawing import style_axes
from partload.benchmarks.gap.report import comparison
from partload.benchmarks.gap.report.comparison import Panel
from partload.benchmarks.gap.report.style import ReportFigure, add_legend, group_lines, report_figure, shorten
from partload.benchmarks.gap.table import EQUAL, Line, Reference, value
from partload.benchmarks.palette import INK, PAPER
from partload.instances import variations

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 3
PANEL_INCHES = (3.2, 2.6)
LEAST_INCHES = 6.4
"""Least width of a figure."""
FRAME_INCHES = 0.5
MOST_PANELS = 11
"""Most instances with a panel of their own. The panel of gains has all instances."""
MOST_TICKS = 6
"""Most ticks of an axis."""
PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"))
LOG_RATIO = 8.0
"""Ratio of the largest to the least value from which an axis is logarithmic."""


@dataclasses.dataclass(frozen=True)
class Point:
    """The weight that a method serves at one value of the parameter."""

    served: float
    bound: float | None
    """The optimum or the least bound; None when nothing is proved."""

    @property
    def proved(self) -> bool:
        """Whether the plan is proved optimal."""
        return self.bound is not None and self.bound - self.served <= EQUAL * self.bound


GAIN_CAPTION = (
    "The gain by sharing is (with - without) / without, where something is served without sharing; a faint line is an "
    "instance. At a hollow mark, one of the two plans is not proved optimal."
)

Series = Mapping[float, Point]
"""The points of a sweep, by the value of the parameter."""


@dataclasses.dataclass(frozen=True)
class SharingSweep:
    """The runs of one method on the variations of one instance, with sharing and without."""

    instance: str
    """Name of the instance that was varied."""
    shared: Series
    unshared: Series

    def gains(self) -> dict[float, tuple[float, bool]]:
        """(with - without) / without, and whether both plans are proved optimal, by the value of the parameter.

        A value at which nothing is served without sharing has no gain.
        """
        return {
            at: (self.shared[at].served / point.served - 1, self.shared[at].proved and point.proved)
            for at, point in sorted(self.unshared.items())
            if at in self.shared and point.served > 0
        }


def figures(lines: Sequence[Line], unshared: Mapping[str, Reference]) -> list[ReportFigure]:
    """A figure for each parameter that was varied; one for each problem when it was varied in both.

    Parameters
    ----------
    lines
        All lines of the study.
    unshared
        References of the copies without sharing, by the hash of the instance.
    """
    parts: dict[str, dict[str, list[Line]]] = {}
    for line in lines:
        if line.row.asked.swept is not None and value(line.row) is not None:
            by_problem = parts.setdefault(line.row.asked.swept.parameter, {})
            by_problem.setdefault(line.row.problem, []).append(line)
    return [
        _figure(parameter, problem if len(by_problem) > 1 else "", part, unshared)
        for parameter, by_problem in parts.items()
        for problem, part in by_problem.items()
    ]


def draw(parameter: str, values: Sequence[float], panels: Sequence[Panel]) -> Figure:
    """Draw panels over the sorted values of a parameter."""
    columns = 2 if len(panels) == 4 else min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    width = max(PANEL_INCHES[0] * columns, LEAST_INCHES)
    figure = drawing.blank(width, PANEL_INCHES[1] * rows + FRAME_INCHES)
    grid = [axes for row in figure.subplots(rows, columns, squeeze=False) for axes in row]
    entries: dict[str, Artist] = {}
    for axes, panel in zip(grid, panels):
        panel(axes)
        _scale(axes, parameter, values)
        style_axes(axes)
        handles, names = axes.get_legend_handles_labels()
        entries |= dict(zip(names, handles))
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    add_legend(figure, list(entries.values()), list(entries))
    return figure


def _figure(parameter: str, problem: str, lines: Sequence[Line], unshared: Mapping[str, Reference]) -> ReportFigure:
    name = "-".join(filter(None, ("sweep", parameter, problem)))
    name = re.sub(r"[^\w-]", "_", name)  # Rows may come from other people: the name must not be a path.
    title = f"Over {parameter}" + (f", {problem}" if problem else "")
    values = sorted({line.row.asked.swept.value for line in lines if line.row.asked.swept is not None})
    panels, caption = _panels(lines, unshared)
    return report_figure(name, title, caption, draw(parameter, values, panels))


def _panels(lines: Sequence[Line], unshared: Mapping[str, Reference]) -> tuple[list[Panel], str]:
    """The panels of a sweep and their caption: the instances, their mean, and the gain of each method by sharing."""
    groups = group_lines(lines)
    mean = comparison.mean_panel(groups)
    panels = comparison.instance_panels(groups, MOST_PANELS, unshared)
    instances = len({line.row.asked.swept.of for line in lines if line.row.asked.swept is not None})
    sentences = [comparison.CAPTION]
    if instances > len(panels):
        sentences.append(f"The first {len(panels)} of {instances} instances have a panel of their own.")
    if not all(line.sharing for line in lines):
        sentences.append(comparison.UNSHARED_CAPTION)
    if mean is not None:
        panels.append(mean)
        sentences.append(comparison.MEAN_CAPTION)
    gaining = _gaining(lines, unshared)
    for label, swept in gaining.items():
        panels.append(partial(_gain_panel, label=label, swept=swept))
        sentences.append(_proofs(label, swept))
    if gaining:
        sentences.append(GAIN_CAPTION)
    return panels, " ".join(filter(None, sentences))


def _gaining(lines: Sequence[Line], unshared: Mapping[str, Reference]) -> dict[str, list[SharingSweep]]:
    """The sweeps of the methods that have a gain by sharing, by the method."""
    labels = dict.fromkeys(line.label for line in lines if not line.sharing)
    by_label = {label: _sharing_sweeps([line for line in lines if line.label == label], unshared) for label in labels}
    gains = {label: [one for one in swept if one.gains()] for label, swept in by_label.items()}
    return {label: swept for label, swept in gains.items() if swept}


def _sharing_sweeps(lines: Sequence[Line], unshared: Mapping[str, Reference]) -> list[SharingSweep]:
    series: dict[str, dict[bool, dict[float, Point]]] = {}
    for line in lines:
        asked = line.row.asked
        proved = line.reference if line.sharing else unshared.get(asked.instance_sha256)
        served = value(line.row)
        if asked.swept is not None and served is not None:
            point = Point(served, proved.value if proved else None)
            series.setdefault(asked.swept.of, {True: {}, False: {}})[line.sharing].setdefault(asked.swept.value, point)
    return [SharingSweep(instance, points[True], points[False]) for instance, points in series.items()]


def _gain_panel(axes: Axes, label: str, swept: Sequence[SharingSweep]) -> None:
    for one in swept:
        gains = one.gains()
        axes.plot(list(gains), [100 * gain for gain, _ in gains.values()], color=INK, alpha=0.35, linewidth=1)
        for at, (gain, proved) in gains.items():
            fill = INK if proved else PAPER
            axes.plot(
                [at], [100 * gain], "o", alpha=0.6, zorder=3, markerfacecolor=fill, markeredgecolor=INK, markersize=4
            )
    mean = _mean([one.gains() for one in swept])
    if mean:
        axes.plot(list(mean), [100 * gain for gain in mean.values()], color=INK, linewidth=3, label="mean gain")
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.set_ylabel("gain [%]")
    axes.set_title(f"gain by sharing, {shorten(label)}", loc="left", fontsize=9, color=INK)


def _mean(gains: Sequence[Mapping[float, tuple[float, bool]]]) -> dict[float, float]:
    """The mean gain at each value at which every instance has one; empty for a single instance."""
    common = [at for at in gains[0] if all(at in one for one in gains)]
    return {at: statistics.fmean(one[at][0] for one in gains) for at in common} if len(gains) > 1 else {}


def _scale(axes: Axes, parameter: str, values: Sequence[float]) -> None:
    from matplotlib.ticker import FixedLocator, NullLocator

    known = variations.ANY.get(parameter)
    unit = known.unit if known else ""
    factor, prefix = _prefix(values[-1]) if unit else (1.0, "")
    if values[0] > 0 and values[-1] >= LOG_RATIO * values[0]:
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
    every = -(-len(values) // MOST_TICKS)
    axes.xaxis.set_major_locator(FixedLocator(values[::every]))
    axes.xaxis.set_major_formatter(lambda at, _: f"{at / factor:.3g}")
    axes.set_xlabel(f"{parameter} [{prefix}{unit}]" if unit else parameter)


def _prefix(largest: float) -> tuple[float, str]:
    """The prefix of a unit that suits a value: its factor and its letter."""
    return next((pair for pair in PREFIXES if largest >= pair[0]), PREFIXES[-1])


def _proofs(label: str, swept: Sequence[SharingSweep]) -> str:
    """How many plans of a method are not proved optimal; nothing when all are."""
    points = [point for one in swept for series in (one.shared, one.unshared) for point in series.values()]
    unproved = sum(not point.proved for point in points)
    return f"At {unproved} of {len(points)} points of {label}, the plan is not proved optimal." if unproved else ""
