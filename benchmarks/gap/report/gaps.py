"""Figures of gaps: their distribution, and profiles of gap and of time over all runs."""

from __future__ import annotations

import itertools
import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from partload.benchmarks import drawing
from partload.benchmarks.drawing import style_axes
from partload.benchmarks.gap.report import curves
from partload.benchmarks.gap.report.style import Group, ReportFigure, add_legend, group_lines, report_figure
from partload.benchmarks.gap.report.text import percent
from partload.benchmarks.gap.table import EQUAL, Line
from partload.benchmarks.palette import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_INCHES, ROW_INCHES, FRAME_INCHES = 9.0, 0.48, 1.3
PROFILE_INCHES = (6.4, 4.6)
LEAST_RANGE = 0.01
"""Least upper end of an axis of gaps."""
CLASSES = 120
"""Number of classes of gaps on an axis. The gaps of a class are one bubble."""
SMALLEST_AREA, LARGEST_AREA = 18.0, 330.0
"""Areas of a bubble of one gap, and of one with all gaps of a method [points squared]."""
NEAR = 0.01
"""Gap up to which the time profile counts an instance as solved."""
CLOSE_PERCENT = 2.5
"""Marks of profiles whose shares of runs differ by at most this much would cover each other."""
LEAST_TIME_S = 1e-3
"""Shorter times count as this one, since they are noise."""

Ends = tuple[float, float]
"""The first and the last value of an axis."""


def figures(lines: Sequence[Line]) -> list[ReportFigure]:
    """The figures of gaps and times; none when no run has a gap."""
    measured = [line for line in lines if line.reference is not None and line.reference.contradiction is None]
    if not any(line.gap is not None for line in measured):
        return []
    shared = [line for line in measured if line.sharing]
    drawn = [_distribution(group_lines(measured)), _gap_profile(group_lines(measured))]
    return [*drawn, _time_profile(group_lines(shared))] if _fastest(shared) else drawn


def _largest(groups: Sequence[Group]) -> float:
    gaps = (line.gap for group in groups for line in group.lines if line.gap is not None)
    return max(LEAST_RANGE, *gaps)


def _distribution(groups: Sequence[Group]) -> ReportFigure:
    figure = drawing.blank(WIDTH_INCHES, ROW_INCHES * len(groups) + FRAME_INCHES)
    axes = figure.subplots()
    largest = _largest(groups)
    for row, group in enumerate(groups):
        optimum = [line.gap for line in group.lines if line.gap is not None and line.has_gap_to("optimum")]
        bound = [line.gap for line in group.lines if line.gap is not None and line.has_gap_to("bound")]
        _bubbles(axes, group, row - 0.12, optimum, largest, filled=True)
        _bubbles(axes, group, row + 0.24, bound, largest, filled=False)
        if optimum:
            mean = 100 * statistics.fmean(optimum)
            axes.plot([mean] * 2, [row - 0.42, row + 0.18], color=INK, linewidth=2)
        counts = _counts(optimum, len(bound), len(group.lines))
        axes.text(1.02, row, counts, transform=axes.get_yaxis_transform(), va="center", color=INK, fontsize=8.5)
    axes.scatter([], [], color=INK, label="gap to the optimum")
    axes.scatter([], [], facecolor="none", edgecolor=INK, label="gap to a bound: at most this large")
    axes.plot([], [], color=INK, linewidth=2, label="mean gap to the optimum")
    axes.set_yticks(range(len(groups)), [group.name for group in groups])
    axes.set_ylim(len(groups) - 0.4, -0.6)
    axes.set_xlim(-4 * largest, 104 * largest)
    axes.set_xlabel("gap [%]")
    style_axes(axes, grid="x")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, labelcolor=INK)
    caption = (
        "Every run with a plan, one row for each method. The area of a bubble is the number of runs with that gap. A "
        "filled bubble has gaps to proved optima, a ring has gaps to bounds: the true gap may be smaller."
    )
    return report_figure("gaps", "Gaps of each method", caption, figure)


def _bubbles(axes: Axes, group: Group, row: float, gaps: Sequence[float], largest: float, *, filled: bool) -> None:
    """Draw a bubble for each class of gaps, at the mean of the class."""
    classes: dict[int, list[float]] = {}
    for gap in gaps:
        classes.setdefault(round(CLASSES * gap / largest), []).append(gap)
    means = [100 * statistics.fmean(alike) for alike in classes.values()]
    areas = [max(SMALLEST_AREA, LARGEST_AREA * len(alike) / len(group.lines)) for alike in classes.values()]
    colour = group.style["color"]
    axes.scatter(means, [row] * len(means), areas, alpha=0.8, color=colour if filled else "none", edgecolor=colour)


def _counts(optimum: Sequence[float], bounds: int, runs: int) -> str:
    """The numbers of runs that stand beside a row."""
    parts = []
    if optimum:
        exact = sum(gap <= EQUAL for gap in optimum)
        parts.append(f"n = {len(optimum)}, {exact} at the optimum, mean {percent(statistics.fmean(optimum))}")
    if bounds:
        parts.append(f"{bounds} to {'a bound' if bounds == 1 else 'bounds'}")
    if runs > len(optimum) + bounds:
        parts.append(f"{runs - len(optimum) - bounds} without a plan")
    return "\n".join(parts)


def _gap_profile(groups: Sequence[Group]) -> ReportFigure:
    figure = drawing.blank(*PROFILE_INCHES)
    axes = figure.subplots()
    largest = _largest(groups)
    gaps = {group.name: [100 * line.gap for line in group.lines if line.gap is not None] for group in groups}
    _draw_profiles(axes, groups, gaps, (0.0, 102 * largest))
    axes.set_xlim(-2 * largest, 102 * largest)
    axes.set_xlabel("gap at most [%]")
    axes.set_ylabel("share of runs [%]")
    _finish(axes)
    add_legend(figure, *axes.get_legend_handles_labels())
    caption = (
        "Share of the runs of a method whose gap is at most x: higher is better. The left end is the share with gap 0. "
        "A run without a plan never counts. A gap to a bound counts in full, though the true gap may be smaller."
    )
    return report_figure("profile-gap", "Share of runs by gap", caption, figure)


def _fastest(lines: Sequence[Line]) -> dict[str, float]:
    """Least time [s] in which a method came within ``NEAR`` of the reference, by instance."""
    fastest: dict[str, float] = {}
    for line in lines:
        if line.gap is not None and line.gap <= NEAR:
            instance = line.row.asked.instance_sha256
            fastest[instance] = min(fastest.get(instance, math.inf), max(line.row.total_s, LEAST_TIME_S))
    return fastest


def _time_profile(groups: Sequence[Group]) -> ReportFigure:
    """The performance profile of Dolan and Moré (2002)."""
    fastest = _fastest([line for group in groups for line in group.lines])
    figure = drawing.blank(*PROFILE_INCHES)
    axes = figure.subplots()
    factors = {
        group.name: [
            max(line.row.total_s, LEAST_TIME_S) / fastest[line.row.asked.instance_sha256]
            for line in group.lines
            if line.gap is not None and line.gap <= NEAR
        ]
        for group in groups
    }
    end = 1.3 * max(2.0, *(factor for part in factors.values() for factor in part))
    _draw_profiles(axes, groups, factors, (1.0, end))
    axes.set_xscale("log")
    axes.set_xlim(0.97, end)
    axes.xaxis.set_major_formatter(lambda factor, _: f"{factor:g}")
    axes.xaxis.set_minor_formatter(lambda factor, _: f"{factor:g}" if end < 10 else "")
    axes.set_xlabel("time at most this many times that of the fastest method")
    axes.set_ylabel("share of runs [%]")
    _finish(axes)
    add_legend(figure, *axes.get_legend_handles_labels())
    instances = {line.row.asked.instance_sha256 for group in groups for line in group.lines}
    unsolved = len(instances) - len(fastest)
    caption = (
        f"Performance profile: share of the runs of a method within {100 * NEAR:g} % of the optimum or bound, "
        "in at most x times the time of the fastest method on the same instance. The left end is the share of runs in "
        f"which a method is the fastest. Times below {1000 * LEAST_TIME_S:g} ms count as {1000 * LEAST_TIME_S:g} ms."
    )
    if unsolved:
        caption += f" On {unsolved} of {len(instances)} instances no method came as close."
    return report_figure("profile-time", "Share of runs by time", caption, figure)


def _draw_profiles(axes: Axes, groups: Sequence[Group], values: Mapping[str, Sequence[float]], ends: Ends) -> None:
    """Draw, for each group, the share of its runs [%] whose value is at most x. A run without a value never counts.

    ``values`` is by the name of the group. Values below the first of the ``ends`` of the axis count as that.
    """
    start, end = ends
    stops = sorted({start, end, *(max(value, start) for group in groups for value in values[group.name])})
    legs: list[list[curves.Leg]] = []
    for group in groups:
        counts = Counter(max(value, start) for value in values[group.name])
        shares = [100 * count / len(group.lines) for count in itertools.accumulate(counts[stop] for stop in stops)]
        mine: list[curves.Leg] = []
        for x, following, low, high in zip(stops, stops[1:], shares, shares[1:]):
            mine.append(((x, low), (following, low)))
            if high > low:
                mine.append(((following, low), (following, high)))
        legs.append(mine)
        curves.add_entry(axes, group)
    curves.draw_lines(axes, groups, legs)
    firsts = [{start: line[0][0][1]} for line in legs]
    for group, first, shift in zip(groups, firsts, curves.fan(firsts, CLOSE_PERCENT)):
        curves.draw_marks(axes, group, first, shift[start])


def _finish(axes: Axes) -> None:
    axes.set_ylim(0, 103)
    style_axes(axes)
