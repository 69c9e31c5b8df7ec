"""Figures of sweeps: the weight served over a parameter, with sharing and without, and what sharing gains."""

from __future__ import annotations

import dataclasses
import re
import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchmarks import drawing
from benchmarks.drawing import BLUE, VERMILION
from benchmarks.gap.report import look
from benchmarks.gap.report.look import INK, PAPER, Drawn, bare, short
from benchmarks.gap.table import EQUAL, Line, Reference, value
from instances import variations

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

COLUMNS = 3
PANEL_INCHES = (3.2, 2.6)
FRAME_INCHES = 0.5
MOST_PANELS = 11
"""Instances with a panel of their own; all are in the panel of gains."""
MOST_TICKS = 6
PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"))
WIDE = 8.0
"""Values that are this many times apart are on a logarithmic axis."""


@dataclasses.dataclass(frozen=True)
class Point:
    """What a method serves at one value of the parameter, and what may be possible."""

    served: float
    most: float | None
    """The optimum or the least bound; None when nothing is proved."""

    @property
    def proved(self) -> bool:
        """Whether no plan serves more."""
        return self.most is not None and self.most - self.served <= EQUAL * self.most


Curve = Mapping[float, Point]
"""From the values of the parameter."""


@dataclasses.dataclass(frozen=True)
class Swept:
    """The runs of one method on what was made of one instance."""

    of: str
    shared: Curve
    unshared: Curve

    def gains(self) -> dict[float, tuple[float, bool]]:
        """(with - without) / without, and whether both are optima, where something is served without sharing."""
        return {
            at: (self.shared[at].served / point.served - 1, self.shared[at].proved and point.proved)
            for at, point in sorted(self.unshared.items())
            if at in self.shared and point.served > 0
        }


def figures(lines: Sequence[Line], unshared: Mapping[str, Reference]) -> list[Drawn]:
    """One figure for each parameter that was swept.

    Parameters
    ----------
    lines
        All lines of the study.
    unshared
        What is proved of the copies without sharing, by the hash of the instance.
    """
    by_parameter: dict[str, list[Line]] = {}
    for line in lines:
        if line.row.asked.swept is not None and value(line.row) is not None:
            by_parameter.setdefault(line.row.asked.swept.parameter, []).append(line)
    return [_figure(parameter, part, unshared) for parameter, part in by_parameter.items()]


def _figure(parameter: str, lines: Sequence[Line], unshared: Mapping[str, Reference]) -> Drawn:
    label = _method(lines)
    swept = _swept([line for line in lines if line.label == label], unshared)
    shown = swept[:MOST_PANELS]
    gains = [one for one in swept if one.gains()]
    panels = len(shown) + bool(gains)
    columns = min(COLUMNS, panels)
    rows = -(-panels // columns)
    figure = drawing.blank(PANEL_INCHES[0] * columns, PANEL_INCHES[1] * rows + FRAME_INCHES)
    grid = [axes for row in figure.subplots(rows, columns, squeeze=False) for axes in row]
    values = sorted({at for one in swept for at in (*one.shared, *one.unshared)})
    for axes, one in zip(grid, shown):
        _panel(axes, one)
    if gains:
        _gain_panel(grid[panels - 1], gains)
    for axes in grid[:panels]:
        _scale(axes, parameter, values)
        bare(axes)
    for axes in grid[panels:]:
        axes.set_axis_off()
    entries: dict[str, Artist] = {}
    for axes in (grid[0], grid[panels - 1]):
        handles, names = axes.get_legend_handles_labels()
        entries |= dict(zip(names, handles))
    figure.legend(
        list(entries.values()), list(entries), loc="outside lower center", ncols=3, frameon=False, labelcolor=INK
    )
    name = "sweep-" + re.sub(r"[^\w-]", "_", parameter)  # Rows may come from others: a name, never a path.
    return Drawn(name, f"Over {parameter}", _caption(label, swept, gains), look.svg(figure))


def _method(lines: Sequence[Line]) -> str:
    """The method that proved the most, among those that ran with and without sharing if any did."""
    labels = list(dict.fromkeys(line.label for line in lines))
    both = [label for label in labels if {line.sharing for line in lines if line.label == label} == {True, False}]
    return max(
        both or labels, key=lambda label: sum(line.row.status == "optimal" for line in lines if line.label == label)
    )


def _swept(lines: Sequence[Line], unshared: Mapping[str, Reference]) -> list[Swept]:
    curves: dict[str, dict[bool, dict[float, Point]]] = {}
    for line in lines:
        asked = line.row.asked
        proved = line.reference if line.sharing else unshared.get(asked.instance_sha256)
        served = value(line.row)
        if asked.swept is not None and served is not None:
            point = Point(served, proved.value if proved else None)
            curves.setdefault(asked.swept.of, {True: {}, False: {}})[line.sharing].setdefault(asked.swept.value, point)
    return [Swept(of, curve[True], curve[False]) for of, curve in curves.items()]


def _panel(axes: Axes, swept: Swept) -> None:
    for name, curve, colour, marker, width in (
        ("with sharing", swept.shared, BLUE, "o", 3.5),
        ("without sharing", swept.unshared, VERMILION, "s", 1.6),
    ):
        if not curve:
            continue
        at = sorted(curve)
        axes.plot(at, [curve[x].served for x in at], color=colour, marker=marker, linewidth=width, label=name)
        for x in at:
            most = curve[x].most
            if most is not None and not curve[x].proved:
                axes.vlines(x, curve[x].served, most, color=colour, linewidth=1.2)
                axes.plot([x], [most], color=colour, marker="_", markersize=8)
    tops = [
        max(point.served, point.most or 0.0) for curve in (swept.shared, swept.unshared) for point in curve.values()
    ]
    axes.set_ylim(0, 1.08 * max(tops) or 1.0)
    axes.set_ylabel("weight served")
    axes.set_title(short(swept.of), loc="left", fontsize=9, color=INK)


def _gain_panel(axes: Axes, swept: Sequence[Swept]) -> None:
    for one in swept:
        gains = one.gains()
        axes.plot(list(gains), [100 * gain for gain, _ in gains.values()], color=INK, alpha=0.35, linewidth=1)
        for at, (gain, proved) in gains.items():
            style: dict[str, Any] = {
                "markerfacecolor": INK if proved else PAPER,
                "markeredgecolor": INK,
                "markersize": 4,
            }
            axes.plot([at], [100 * gain], "o", alpha=0.6, zorder=3, **style)
    mean = _mean([one.gains() for one in swept])
    if mean:
        axes.plot(list(mean), [100 * gain for gain in mean.values()], color=INK, linewidth=3, label="mean gain")
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.set_ylabel("gain [%]")
    axes.set_title("gain by sharing", loc="left", fontsize=9, color=INK)


def _mean(gains: Sequence[Mapping[float, tuple[float, bool]]]) -> dict[float, float]:
    """The mean at each value that all have; none of a single instance."""
    common = [at for at in gains[0] if all(at in one for one in gains)]
    return {at: statistics.fmean(one[at][0] for one in gains) for at in common} if len(gains) > 1 else {}


def _scale(axes: Axes, parameter: str, values: Sequence[float]) -> None:
    from matplotlib.ticker import FixedLocator, NullLocator

    known = variations.ANY.get(parameter)
    unit = known.unit if known else ""
    factor, prefix = _prefix(values[-1]) if unit else (1.0, "")
    if values[0] > 0 and values[-1] >= WIDE * values[0]:
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
    every = -(-len(values) // MOST_TICKS)
    axes.xaxis.set_major_locator(FixedLocator(values[::every]))
    axes.xaxis.set_major_formatter(lambda at, _: f"{at / factor:.3g}")
    axes.set_xlabel(f"{parameter} [{prefix}{unit}]" if unit else parameter)


def _prefix(largest: float) -> tuple[float, str]:
    """The factor of a unit that suits a value, and its letter."""
    return next((pair for pair in PREFIXES if largest >= pair[0]), PREFIXES[-1])


def _caption(label: str, swept: Sequence[Swept], gains: Sequence[Swept]) -> str:
    said = f"Weight that {label} serves. "
    points = [point for one in swept for curve in (one.shared, one.unshared) for point in curve.values()]
    unproved = sum(not point.proved for point in points)
    if unproved:
        said += f"At {unproved} of {len(points)} points that is not proved to be the most: a bar reaches to the "
        said += "optimum or the least bound, where there is one. "
    if len(swept) > MOST_PANELS:
        said += f"The first {MOST_PANELS} of {len(swept)} instances have a panel of their own. "
    if gains:
        said += "Gain by sharing is (with - without) / without, where something is served without; "
        said += "a hollow mark where one of the two is not proved to be optimal."
    return said.strip()
