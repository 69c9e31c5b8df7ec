"""Panels of a sweep that compare the methods: a panel for each instance, and one for the mean of all instances."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from partload.benchmarks.gap.report.style import INK, Group, shorten
from partload.benchmarks.gap.table import Line, value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Panel = Callable[["Axes"], None]
CAPTION = "Weight that each method serves."
MEAN_CAPTION = "The panel called mean is the mean over all instances of the share of the weight that is served."


def instance_panels(groups: Sequence[Group], most: int) -> list[Panel]:
    """Panels for the first ``most`` instances that were varied.

    Parameters
    ----------
    groups
        The runs of each method that ended with a plan, all of one parameter.
    most
        Most panels.
    """
    names = list(dict.fromkeys(_of(line) for group in groups for line in group.lines))
    return [_panel(groups, name) for name in names[:most]]


def mean_panel(groups: Sequence[Group], title: str = "mean") -> Panel | None:
    """A panel for the mean of all instances; None for a single instance, or fewer than two common values."""
    instances = {_of(line) for group in groups for line in group.lines}
    served = {group.name: mean_served(group.lines, len(instances)) for group in groups}
    if len(instances) < 2 or max((len(points) for points in served.values()), default=0) < 2:
        return None

    def panel(axes: Axes) -> None:
        for group in groups:
            if served[group.name]:
                _draw(axes, group, served[group.name])
        axes.set_ylim(0, 105)
        axes.set_ylabel("weight served [%]")
        axes.set_title(title, loc="left", fontsize=9, color=INK)

    return panel


def mean_served(lines: Sequence[Line], instances: int) -> dict[float, float]:
    """The mean share of the weight that is served [%], at each value at which all instances have a run."""
    shares: dict[float, dict[str, float]] = {}
    for line in lines:
        swept, served, weight = line.row.asked.swept, value(line.row), line.row.weight
        if swept is not None and served is not None and weight > 0:
            shares.setdefault(swept.value, {}).setdefault(swept.of, 100 * served / weight)
    return {at: statistics.fmean(part.values()) for at, part in sorted(shares.items()) if len(part) == instances}


def _panel(groups: Sequence[Group], name: str) -> Panel:
    def panel(axes: Axes) -> None:
        highest, bounds = 0.0, {}
        for group in groups:
            points: dict[float, float] = {}
            for line in group.lines:
                served = value(line.row)
                if line.row.asked.swept is not None and served is not None and _of(line) == name:
                    points.setdefault(line.row.asked.swept.value, served)
                    if line.has_gap_to("bound") and line.reference is not None:
                        bounds[line.row.asked.swept.value] = line.reference.value
            if points:
                _draw(axes, group, points)
                highest = max(highest, *points.values())
        if bounds:
            at, least = list(bounds), list(bounds.values())
            axes.plot(at, least, label="least bound", color=INK, linestyle="none", marker="_", markersize=10)
        axes.set_ylim(0, 1.08 * max(highest, *bounds.values(), 0.0) or 1.0)
        axes.set_ylabel("weight served")
        axes.set_title(shorten(name), loc="left", fontsize=9, color=INK)

    return panel


def _draw(axes: Axes, group: Group, points: Mapping[float, float]) -> None:
    at = sorted(points)
    axes.plot(at, [points[x] for x in at], label=group.name, markersize=5, **group.style)


def _of(line: Line) -> str:
    """The name of the instance that was varied."""
    return line.row.asked.swept.of if line.row.asked.swept is not None else line.row.asked.instance
