"""Curves of several methods in one panel, all visible also where they are equal.

Where lines are equal, each is narrower than the one below it. Where marks are equal, they stand side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from partload.benchmarks.gap.report.style import Group

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Points = Mapping[float, float]
"""The points of a curve: y by x."""
Point = tuple[float, float]
Leg = tuple[Point, Point]
"""A part of a line, from one point to the next."""
CLOSE = 0.025
"""Marks whose heights differ by at most this share of the height of the panel would cover each other."""
MARK_POINTS, STAR_POINTS = 5.0, 8.0
"""Sizes of marks. A star has little area for its size."""
WIDEST_FAN_POINTS = 24.0
"""Most width of the marks that stand side by side, between the middles of the outermost ones."""
ALONE_POINTS, STEP_POINTS, WIDEST_POINTS = 1.8, 2.2, 10.0
"""Width of a line that is alone, or on top of all others; how much wider the next one is; the most width."""


def draw(axes: Axes, curves: Sequence[tuple[Group, Points]], top: float) -> None:
    """Draw the curve of each group that has points; the vertical axis goes from 0 to ``top``."""
    axes.set_ylim(0, top)
    axes.margins(x=0.09)
    legs = [
        [((x, points[x]), (y, points[y])) for x, y in zip(sorted(points), sorted(points)[1:])] for _, points in curves
    ]
    draw_lines(axes, [group for group, _ in curves], legs)
    shifts = fan([points for _, points in curves], CLOSE * top)
    for (group, points), shift in zip(curves, shifts):
        for by in sorted(set(shift.values())):
            draw_marks(axes, group, {x: y for x, y in points.items() if shift[x] == by}, by)
        if points:
            add_entry(axes, group)


def add_entry(axes: Axes, group: Group) -> None:
    """Add the legend's entry of a group, a line of the usual width with its mark."""
    axes.plot([], [], label=group.name, markersize=_size(group), linewidth=ALONE_POINTS, **group.style)


def draw_lines(axes: Axes, groups: Sequence[Group], legs: Sequence[Sequence[Leg]]) -> None:
    """Draw the line of each group, given as its legs in their order. Equal legs of several groups are all visible."""
    widths = nested(legs)
    for group, mine in zip(groups, legs):
        for width, points in runs([(leg, widths[leg].pop(0)) for leg in mine]):
            axes.plot(
                [x for x, _ in points],
                [y for _, y in points],
                color=group.style["color"],
                linestyle=group.style["linestyle"],
                linewidth=width,
                solid_capstyle="butt",
                zorder=3 - width / WIDEST_POINTS,
            )


def runs(legs: Iterable[tuple[Leg, float]]) -> Iterator[tuple[float, list[Point]]]:
    """Join legs with their widths to lines as long as possible: the width and the points of each."""
    before, points = 0.0, list[Point]()
    for (start, end), width in legs:
        if points and (width != before or points[-1] != start):
            yield before, points
            points = []
        before, points = width, [*(points or [start]), end]
    if points:
        yield before, points


def nested(legs: Iterable[Iterable[Leg]]) -> dict[Leg, list[float]]:
    """The widths of the lines over each leg, in the order of the lines that have it: each is narrower than the last."""
    counts: dict[Leg, int] = {}
    for leg in (leg for line in legs for leg in line):
        counts[leg] = counts.get(leg, 0) + 1
    widths = {}
    for leg, count in counts.items():
        step = min(STEP_POINTS, (WIDEST_POINTS - ALONE_POINTS) / max(count - 1, 1))
        widths[leg] = [ALONE_POINTS + step * place for place in reversed(range(count))]
    return widths


def fan(curves: Sequence[Points], close: float) -> list[dict[float, float]]:
    """By how many points each mark moves to the right, by its x, so that equal marks do not cover each other.

    Parameters
    ----------
    curves
        The points of each curve.
    close
        Difference of heights up to which two marks at the same x would cover each other.
    """
    shifts: list[dict[float, float]] = [{} for _ in curves]
    for x in {x for points in curves for x in points}:
        here = sorted((points[x], number) for number, points in enumerate(curves) if x in points)
        cluster: list[tuple[float, int]] = []
        for mark in here:
            if cluster and mark[0] - cluster[-1][0] > close:
                _spread(cluster, x, shifts)
                cluster = []
            cluster.append(mark)
        _spread(cluster, x, shifts)
    return shifts


def _spread(cluster: Sequence[tuple[float, int]], x: float, shifts: Sequence[dict[float, float]]) -> None:
    step = min(MARK_POINTS, WIDEST_FAN_POINTS / max(len(cluster) - 1, 1))
    for place, number in enumerate(sorted(number for _, number in cluster)):
        shifts[number][x] = step * (place - (len(cluster) - 1) / 2)


def draw_marks(axes: Axes, group: Group, points: Points, right_points: float) -> None:
    """Draw the marks of some points, moved to the right by some points [1/72 inch]."""
    from matplotlib.lines import Line2D
    from matplotlib.transforms import ScaledTranslation

    figure = axes.figure
    assert figure is not None
    moved = axes.transData + ScaledTranslation(right_points / 72, 0, figure.dpi_scale_trans)
    marks = Line2D(
        list(points),
        list(points.values()),
        color=group.style["color"],
        marker=group.style["marker"],
        markerfacecolor=group.style["markerfacecolor"],
        markersize=_size(group),
        linestyle="none",
        transform=moved,
        clip_on=False,
        zorder=4,
    )
    # The limits of the axes are those of the points, not of the marks: a shift in inches says nothing about data.
    axes.update_datalim(list(points.items()))
    axes.add_artist(marks)
    axes.autoscale_view(scaley=False)


def _size(group: Group) -> float:
    return STAR_POINTS if group.style["marker"] == "*" else MARK_POINTS
