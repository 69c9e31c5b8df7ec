"""A Gantt chart as data: rows of bars over time, and where they lie on an axis that several charts share."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from collections.abc import Iterable, Sequence

WIDTH = 1000.0
"""Length of the time axis in the units of a drawing, which is stretched to the width of the page."""
LANE, GAP = 8, 2
"""Height of the lane of a bar, and of the space below it, in pixels."""
MOST_TICKS = 6


@dataclasses.dataclass(frozen=True)
class Key:
    """A kind of bar, as the legend explains it."""

    kind: str
    """Its class in the style sheet."""
    text: str


@dataclasses.dataclass(frozen=True)
class Bar:
    """Bars of one kind in one lane of a row, with one tooltip."""

    kind: str
    lane: int
    spans: tuple[tuple[float, float], ...]
    """Starts and ends [s]."""
    tooltip: str

    def path(self, horizon_s: float) -> str:
        """The bars as the path of an SVG drawing."""
        top = self.lane * (LANE + GAP)
        scaled = ((start / horizon_s * WIDTH, end / horizon_s * WIDTH) for start, end in self.spans)
        return "".join(f"M{start:.5g} {top}h{end - start:.4g}v{LANE}H{start:.5g}z" for start, end in scaled)


@dataclasses.dataclass(frozen=True)
class Chip:
    """One who wants to be served, to be dragged."""

    id: str
    note: str
    """What is said of it when it is pointed at."""

    @property
    def key(self) -> str:
        """The id in visible characters, as a text in JSON without its quotes: HTML would change some of the others."""
        return json.dumps(self.id)[1:-1]


@dataclasses.dataclass(frozen=True)
class Row:
    """One decision of a plan."""

    title: str
    colour: str | None
    """Colour of the swatch before the title; None for none."""
    chips: tuple[Chip, ...]
    bars: tuple[Bar, ...]
    deadline_s: float | None
    """The earliest deadline of those served."""
    end_s: float | None
    """None where the decision never ends."""
    note: str = ""

    @property
    def late(self) -> bool:
        """Whether the row ends after its deadline, by more than the checker forgives."""
        if self.deadline_s is None:
            return False
        return self.end_s is None or self.end_s > self.deadline_s * (1 + 1e-9)

    @property
    def height(self) -> int:
        """Height of its drawing."""
        lanes = 1 + max((bar.lane for bar in self.bars), default=0)
        return lanes * (LANE + GAP)

    def at(self, horizon_s: float) -> float | None:
        """Where its deadline lies; None beyond the axis."""
        if self.deadline_s is None or self.deadline_s > horizon_s:
            return None
        return self.deadline_s / horizon_s * WIDTH


def horizon_s(rows: Iterable[Sequence[Row]]) -> float:
    """The end of the axis of some charts: a little after the last time in any of them."""
    every = [row for one in rows for row in one]
    ends = [row.end_s for row in every if row.end_s is not None]
    last = max([*ends, *(row.deadline_s for row in every if row.deadline_s is not None)], default=0.0)
    return min(max(last * 1.01, sys.float_info.min), sys.float_info.max) if last > 0 else 1.0


def ticks(horizon: float) -> list[tuple[float, str]]:
    """Round times on an axis: their places in percent and their texts."""
    rough = horizon / MOST_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    count = int(horizon / step)
    return [(100 * (n * step / horizon), f"{n * step:.6g}") for n in range(count + 1)]
