"""Panels of a sweep in which nothing ran without sharing: what each method serves, and all instances together."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from partload.benchmarks.gap.report.look import INK, Group, short
from partload.benchmarks.gap.table import Line, value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Panel = Callable[["Axes"], None]
CAPTION = "Weight that each method serves."
MEAN_CAPTION = "The last panel is the mean over all instances of the part of the weight that is served."


def of_instances(groups: Sequence[Group], most: int) -> list[Panel]:
    """A panel for each instance that was varied, up to so many.

    Parameters
    ----------
    groups
        The runs of each method that ended with a plan, all of one parameter.
    most
        Panels at most.
    """
    names = list(dict.fromkeys(_of(line) for group in groups for line in group.lines))
    return [_panel(groups, name) for name in names[:most]]


def mean(groups: Sequence[Group], title: str = "mean") -> Panel | None:
    """A panel for all instances; None where they are one, or have no two values in common."""
    instances = {_of(line) for group in groups for line in group.lines}
    curves = {group.name: means(group.lines, len(instances)) for group in groups}
    if len(instances) < 2 or max((len(curve) for curve in curves.values()), default=0) < 2:
        return None

    def panel(axes: Axes) -> None:
        for group in groups:
            if curves[group.name]:
                _draw(axes, group, curves[group.name])
        axes.set_ylim(0, 105)
        axes.set_ylabel("weight served [%]")
        axes.set_title(title, loc="left", fontsize=9, color=INK)

    return panel


def means(lines: Sequence[Line], instances: int) -> dict[float, float]:
    """The mean part of the weight that is served [%], at each value at which all instances have a run."""
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
            curve: dict[float, float] = {}
            for line in group.lines:
                served = value(line.row)
                if line.row.asked.swept is not None and served is not None and _of(line) == name:
                    curve.setdefault(line.row.asked.swept.value, served)
                    if line.against("bound") and line.reference is not None:
                        bounds[line.row.asked.swept.value] = line.reference.value
            if curve:
                _draw(axes, group, curve)
                highest = max(highest, *curve.values())
        if bounds:
            style: dict[str, Any] = {"color": INK, "linestyle": "none", "marker": "_", "markersize": 10}
            axes.plot(list(bounds), list(bounds.values()), label="least bound", **style)
        axes.set_ylim(0, 1.08 * max(highest, *bounds.values(), 0.0) or 1.0)
        axes.set_ylabel("weight served")
        axes.set_title(short(name), loc="left", fontsize=9, color=INK)

    return panel


def _draw(axes: Axes, group: Group, curve: Mapping[float, float]) -> None:
    at = sorted(curve)
    axes.plot(at, [curve[x] for x in at], label=group.name, markersize=5, **group.look)


def _of(line: Line) -> str:
    """Name of the instance that was varied."""
    return line.row.asked.swept.of if line.row.asked.swept is not None else line.row.asked.instance
