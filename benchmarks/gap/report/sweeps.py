"""Figures of sweeps: the weight served over a parameter.

Where some runs are on copies without sharing: with it and without, and what it gains. Elsewhere: by each method.
"""

from __future__ import annotations

import dataclasses
import re
import statistics
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from partload.benchmarks import drawing
from partload.benchmarks.drawing import BLUE, VERMILION
from partload.benchmarks.gap.report import look, rivals
from partload.benchmarks.gap.report.look import INK, PAPER, Drawn, bare, short
from partload.benchmarks.gap.report.rivals import Panel
from partload.benchmarks.gap.table import EQUAL, Line, Reference, value
from partload.instances import variations

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
    """One figure for each parameter that was swept, and for each problem where it was swept of both.

    Parameters
    ----------
    lines
        All lines of the study.
    unshared
        What is proved of the copies without sharing, by the hash of the instance.
    """
    parts: dict[str, dict[str, list[Line]]] = {}
    for line in lines:
        if line.row.asked.swept is not None and value(line.row) is not None:
            of_both = parts.setdefault(line.row.asked.swept.parameter, {})
            of_both.setdefault(line.row.problem, []).append(line)
    return [
        _figure(parameter, problem if len(of_both) > 1 else "", part, unshared)
        for parameter, of_both in parts.items()
        for problem, part in of_both.items()
    ]


def svg(parameter: str, values: Sequence[float], panels: Sequence[Panel]) -> str:
    """A figure of some panels over the values of a parameter, which are sorted."""
    columns = 2 if len(panels) == 4 else min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    figure = drawing.blank(PANEL_INCHES[0] * columns, PANEL_INCHES[1] * rows + FRAME_INCHES)
    grid = [axes for row in figure.subplots(rows, columns, squeeze=False) for axes in row]
    entries: dict[str, Artist] = {}
    for axes, panel in zip(grid, panels):
        panel(axes)
        _scale(axes, parameter, values)
        bare(axes)
        handles, names = axes.get_legend_handles_labels()
        entries |= dict(zip(names, handles))
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    figure.legend(
        list(entries.values()), list(entries), loc="outside lower center", ncols=3, frameon=False, labelcolor=INK
    )
    return look.svg(figure)


def _figure(parameter: str, problem: str, lines: Sequence[Line], unshared: Mapping[str, Reference]) -> Drawn:
    name = "-".join(filter(None, ("sweep", parameter, problem)))
    name = re.sub(r"[^\w-]", "_", name)  # Rows may come from others: a name, never a path.
    title = f"Over {parameter}" + (f", {problem}" if problem else "")
    values = sorted({line.row.asked.swept.value for line in lines if line.row.asked.swept is not None})
    if all(line.sharing for line in lines):
        panels, caption = _of_methods(lines)
    else:
        panels, caption = _of_sharing(lines, unshared)
    return Drawn(name, title, caption, svg(parameter, values, panels))


def _of_methods(lines: Sequence[Line]) -> tuple[list[Panel], str]:
    """Panels and caption of a sweep in which nothing ran without sharing."""
    groups = look.groups(lines)
    together = rivals.mean(groups)
    panels = rivals.of_instances(groups, MOST_PANELS)
    instances = len({line.row.asked.swept.of for line in lines if line.row.asked.swept is not None})
    said = [rivals.CAPTION]
    if instances > len(panels):
        said.append(f"The first {len(panels)} of {instances} instances have a panel of their own.")
    if together is not None:
        said.append(rivals.MEAN_CAPTION)
    return [*panels, *([together] if together is not None else [])], " ".join(said)


def _of_sharing(lines: Sequence[Line], unshared: Mapping[str, Reference]) -> tuple[list[Panel], str]:
    """Panels and caption of a sweep with runs on copies without sharing."""
    label = _method(lines)
    swept = _swept([line for line in lines if line.label == label], unshared)
    gains = [one for one in swept if one.gains()]
    panels: list[Panel] = [partial(_panel, swept=one) for one in swept[:MOST_PANELS]]
    if gains:
        panels.append(partial(_gain_panel, swept=gains))
    return panels, _caption(label, swept, gains)


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
