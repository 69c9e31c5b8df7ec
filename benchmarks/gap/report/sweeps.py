"""Figures of sweeps: the weight served over a parameter.

A sweep compares all its methods. With runs on copies without sharing it also has a panel of the gain by sharing. A
sweep of one method with and without sharing shows for each point how far it is from the optimum.
"""

from __future__ import annotations

import dataclasses
import re
import statistics
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from partload.benchmarks import drawing
from partload.benchmarks.drawing import BLUE, VERMILION
from partload.benchmarks.gap.report import comparison
from partload.benchmarks.gap.report.comparison import Panel
from partload.benchmarks.gap.report.style import (
    INK,
    PAPER,
    ReportFigure,
    group_lines,
    report_figure,
    shorten,
    style_axes,
)
from partload.benchmarks.gap.table import EQUAL, Line, Reference, value
from partload.instances import variations

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 3
PANEL_INCHES = (3.2, 2.6)
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
    "The gain by sharing is (with - without) / without of {label}, where something is served without sharing. At a "
    "hollow mark, one of the two plans is not proved optimal."
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
    figure = drawing.blank(PANEL_INCHES[0] * columns, PANEL_INCHES[1] * rows + FRAME_INCHES)
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
    figure.legend(
        list(entries.values()), list(entries), loc="outside lower center", ncols=3, frameon=False, labelcolor=INK
    )
    return figure


def _figure(parameter: str, problem: str, lines: Sequence[Line], unshared: Mapping[str, Reference]) -> ReportFigure:
    name = "-".join(filter(None, ("sweep", parameter, problem)))
    name = re.sub(r"[^\w-]", "_", name)  # Rows may come from other people: the name must not be a path.
    title = f"Over {parameter}" + (f", {problem}" if problem else "")
    values = sorted({line.row.asked.swept.value for line in lines if line.row.asked.swept is not None})
    if all(line.sharing for line in lines):
        panels, caption = _of_methods(lines)
    else:
        panels, caption = _of_sharing(lines, unshared)
    return report_figure(name, title, caption, draw(parameter, values, panels))


def _of_methods(lines: Sequence[Line]) -> tuple[list[Panel], str]:
    """Panels and caption of a sweep that compares the methods."""
    groups = group_lines(lines)
    mean = comparison.mean_panel(groups)
    panels = comparison.instance_panels(groups, MOST_PANELS)
    instances = len({line.row.asked.swept.of for line in lines if line.row.asked.swept is not None})
    sentences = [comparison.CAPTION]
    if instances > len(panels):
        sentences.append(f"The first {len(panels)} of {instances} instances have a panel of their own.")
    if mean is not None:
        panels.append(mean)
        sentences.append(comparison.MEAN_CAPTION)
    return panels, " ".join(sentences)


def _of_sharing(lines: Sequence[Line], unshared: Mapping[str, Reference]) -> tuple[list[Panel], str]:
    """Panels and caption of a sweep with runs on copies without sharing."""
    label = _method(lines)
    swept = _sharing_sweeps([line for line in lines if line.label == label], unshared)
    gains = [one for one in swept if one.gains()]
    if len({line.label for line in lines}) > 1:
        panels, caption = _of_methods(lines)
    else:
        panels, caption = [partial(_panel, swept=one) for one in swept[:MOST_PANELS]], _caption(label, swept)
    if gains:
        panels.append(partial(_gain_panel, swept=gains))
        caption += f" {GAIN_CAPTION.format(label=label)}"
    return panels, caption


def _method(lines: Sequence[Line]) -> str:
    """The method with the most proofs, if possible among those that ran both with and without sharing."""
    labels = list(dict.fromkeys(line.label for line in lines))
    both = [label for label in labels if {line.sharing for line in lines if line.label == label} == {True, False}]
    return max(
        both or labels, key=lambda label: sum(line.row.status == "optimal" for line in lines if line.label == label)
    )


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


def _panel(axes: Axes, swept: SharingSweep) -> None:
    for name, series, colour, marker, width in (
        ("with sharing", swept.shared, BLUE, "o", 3.5),
        ("without sharing", swept.unshared, VERMILION, "s", 1.6),
    ):
        if not series:
            continue
        at = sorted(series)
        axes.plot(at, [series[x].served for x in at], color=colour, marker=marker, linewidth=width, label=name)
        for x in at:
            bound = series[x].bound
            if bound is not None and not series[x].proved:
                axes.vlines(x, series[x].served, bound, color=colour, linewidth=1.2)
                axes.plot([x], [bound], color=colour, marker="_", markersize=8)
    points = (*swept.shared.values(), *swept.unshared.values())
    axes.set_ylim(0, 1.08 * max(max(point.served, point.bound or 0.0) for point in points) or 1.0)
    axes.set_ylabel("weight served")
    axes.set_title(shorten(swept.instance), loc="left", fontsize=9, color=INK)


def _gain_panel(axes: Axes, swept: Sequence[SharingSweep]) -> None:
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
    axes.set_title("gain by sharing", loc="left", fontsize=9, color=INK)


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


def _caption(label: str, swept: Sequence[SharingSweep]) -> str:
    caption = f"Weight that {label} serves. "
    points = [point for one in swept for series in (one.shared, one.unshared) for point in series.values()]
    unproved = sum(not point.proved for point in points)
    if unproved:
        caption += (
            f"At {unproved} of {len(points)} points the plan is not proved optimal: a bar reaches to the optimum "
        )
        caption += "or the least bound, if there is one. "
    if len(swept) > MOST_PANELS:
        caption += f"The first {MOST_PANELS} of {len(swept)} instances have a panel of their own. "
    return caption.strip()
