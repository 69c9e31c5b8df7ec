"""Panels of a sweep that compare all methods: a panel for each instance, and one for the mean of all instances.

A method that ran with sharing and without has two curves in each panel.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from partload.benchmarks.gap.report import curves
from partload.benchmarks.gap.report.style import Group, shorten
from partload.benchmarks.gap.table import EQUAL, Line, Reference, value
from partload.benchmarks.palette import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Panel = Callable[["Axes"], None]
CAPTION = "Weight that each method serves. Equal marks stand side by side."
UNSHARED_CAPTION = (
    "Hollow marks are runs on copies without sharing. A bar above one reaches to the least bound of the copy, where "
    "the plan is not proved optimal."
)
MEAN_CAPTION = "The panel called mean is the mean over all instances of the share of the weight that is served."


def instance_panels(groups: Sequence[Group], most: int, unshared: Mapping[str, Reference]) -> list[Panel]:
    """Panels for the first ``most`` instances that were varied.

    Parameters
    ----------
    groups
        The runs of each method that ended with a plan, all of one parameter.
    most
        Most panels.
    unshared
        References of the copies without sharing, by the hash of the instance.
    """
    names = list(dict.fromkeys(_of(line) for group in groups for line in group.lines))
    return [_panel(groups, name, unshared) for name in names[:most]]


def mean_panel(groups: Sequence[Group], title: str = "mean") -> Panel | None:
    """A panel for the mean of all instances; None for a single instance, or fewer than two common values."""
    instances = {_of(line) for group in groups for line in group.lines}
    served = {group.name: mean_served(group.lines, len(instances)) for group in groups}
    if len(instances) < 2 or max((len(points) for points in served.values()), default=0) < 2:
        return None

    def panel(axes: Axes) -> None:
        curves.draw(axes, [(group, served[group.name]) for group in groups], 105)
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


def _panel(groups: Sequence[Group], name: str, unshared: Mapping[str, Reference]) -> Panel:
    def panel(axes: Axes) -> None:
        found, bars, bounds = [], [], {}
        for group in groups:
            points: dict[float, float] = {}
            for line in group.lines:
                served = value(line.row)
                if line.row.asked.swept is None or served is None or _of(line) != name:
                    continue
                at = line.row.asked.swept.value
                points.setdefault(at, served)
                if line.has_gap_to("bound") and line.reference is not None:
                    bounds[at] = line.reference.value
                private = None if line.sharing else unshared.get(line.row.asked.instance_sha256)
                if private is not None and private.value - served > EQUAL * private.value:
                    bars.append((at, served, private.value, group.style["color"]))
            found.append((group, points))
        highest = [*bounds.values(), *(bar[2] for bar in bars), *(y for _, points in found for y in points.values())]
        curves.draw(axes, found, 1.08 * max(highest, default=0.0) or 1.0)
        for at, low, high, colour in bars:
            axes.vlines(at, low, high, color=colour, linewidth=1.2)
        if bounds:
            axes.plot(
                list(bounds),
                list(bounds.values()),
                label="least bound",
                color=INK,
                linestyle="none",
                marker="_",
                markersize=10,
            )
        axes.set_ylabel("weight served")
        axes.set_title(shorten(name), loc="left", fontsize=9, color=INK)

    return panel


def _of(line: Line) -> str:
    """The name of the instance that was varied."""
    return line.row.asked.swept.of if line.row.asked.swept is not None else line.row.asked.instance
