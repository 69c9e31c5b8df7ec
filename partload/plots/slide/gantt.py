"""A Gantt chart of a SLIDE solution: for each user, the download of each layer above its computation.

Between two computations the device waits for the next layer; a thin line marks these waits. Many users have thin rows
in two columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from partload.benchmarks.drawing import style_axes
from partload.benchmarks.palette import BLUE, GREEN, SOFT, VERMILION, tint
from partload.plots.picture import Picture, add_legend, blank, headline, label_rows, set_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from partload.instances.slide.instance import Instance
    from partload.instances.slide.solution import Solution, UserRecord

DOWNLOAD, COMPUTE, DEADLINE, WAIT = (BLUE, tint(BLUE, 0.5)), (GREEN, tint(GREEN, 0.5)), VERMILION, SOFT
"""Downloads and computations have two shades each, which alternate from layer to layer."""
MOST_TALL, MOST_USERS = 24, 240
"""Most users with tall rows in one column; most users that are drawn."""
MARGIN = 1.01
"""The time axis ends at this multiple of the last time, so that a deadline there stays visible."""
BAR = 0.4
TALL_INCHES, THIN_INCHES, FRAME_INCHES = 0.3, 0.105, 1.6


def picture(solved: Sequence[tuple[Solution, Instance | None]]) -> Picture:
    """A picture of one solution, or of several below each other with a common time axis.

    Each solution comes with its instance, or None where it is not known.

    Raises
    ------
    InputError
        On a solution without times, on an instance that is not that of the solution, or when matplotlib is missing.
    """
    thin = any(len(solution.users) > MOST_TALL for solution, _ in solved)
    columns, row = (2, THIN_INCHES) if thin else (1, TALL_INCHES)
    counts = [-(-min(len(solution.users), MOST_USERS) // columns) for solution, _ in solved]
    heights = [row * max(count, 1) + FRAME_INCHES for count in counts]
    drawn = blank(solved, sum(heights), "; ".join(headline(solution, instance) for solution, instance in solved))
    grid = drawn.figure.subplots(len(solved), columns, height_ratios=heights, squeeze=False, sharex="all")
    for (solution, instance), count, axes in zip(solved, counts, grid):
        for column, one in enumerate(axes):
            users = solution.users[:MOST_USERS][column * count : (column + 1) * count]
            _draw(drawn, one, users, instance, thin=thin)
        set_title(axes[0], _title(solution, instance), 0.2 if thin else 0.08)
    last = max((_last(user, instance) for solution, instance in solved for user in solution.users), default=1.0)
    grid[0][0].set_xlim(0, MARGIN * last)
    add_legend(drawn.figure, [axes for row in grid for axes in row], 4)
    return drawn


def waits(user: UserRecord) -> Iterator[tuple[float, float]]:
    """The waits of a user's device [s]: from the end of a computation until the next layer has arrived."""
    free = 0.0
    for arrived, computed in zip(user.download_end_s or (), user.compute_end_s or ()):
        if arrived > free:
            yield free, arrived
        free = computed


def _title(solution: Solution, instance: Instance | None) -> str:
    left_out = len(solution.users) - MOST_USERS
    more = f" (the first {MOST_USERS}; {left_out} more are not drawn)" if left_out > 0 else ""
    return headline(solution, instance) + more + ("" if instance is not None else " (deadlines not known)")


def _last(user: UserRecord, instance: Instance | None) -> float:
    """The last time of a user that the picture shows."""
    done = (user.compute_end_s or (0.0,))[-1]
    return done if instance is None else max(done, instance.users[instance.user_index[user.id]].deadline_s)


def _draw(drawn: Picture, axes: Axes, users: Sequence[UserRecord], instance: Instance | None, *, thin: bool) -> None:
    axes.bar(0, 0, color=DOWNLOAD[0], label="layer arrives")
    axes.bar(0, 0, color=COMPUTE[0], label="layer computes")
    axes.plot([], [], color=WAIT, label="device waits")
    for row, user in enumerate(users):
        (_draw_thin if thin else _draw_tall)(drawn, axes, row, user)
        spans = list(waits(user))
        if spans:
            axes.hlines([row + BAR / 2] * len(spans), *zip(*spans), color=WAIT, linewidth=0.3 if thin else 0.8)
    if instance is not None:
        deadlines = [instance.users[instance.user_index[user.id]].deadline_s for user in users]
        rows, half = range(len(users)), 0.5 if thin else 0.45
        ends = ([row - half for row in rows], [row + half for row in rows])
        axes.vlines(deadlines, *ends, color=DEADLINE, linewidth=1.6, label="deadline")
    label_rows(axes, [f"{user.id}: {user.model}" for user in users], "user: model", 5.5 if thin else 7)
    axes.set_xlabel("time [s]")
    style_axes(axes, grid="x")
    axes.tick_params(labelbottom=True)
    if thin:
        axes.tick_params(axis="y", length=0)


def layers(user: UserRecord) -> Iterator[tuple[str, float, float, float]]:
    """For each layer: what happens, the upper edge of its bar within the row, its start and its end [s]."""
    begun, free = 0.0, 0.0
    for arrives, ends in zip(user.download_end_s or (), user.compute_end_s or ()):
        yield "arrives", -BAR, begun, arrives
        yield "computes", 0.0, max(free, arrives), ends
        begun, free = arrives, ends


def _draw_tall(drawn: Picture, axes: Axes, row: int, user: UserRecord) -> None:
    """Draw a bar for each layer, which says what it is."""
    for number, (what, top, start, end) in enumerate(layers(user)):
        layer = number // 2
        colour = (DOWNLOAD if what == "arrives" else COMPUTE)[layer % 2]
        bars = axes.barh(row + top, end - start, BAR, start, align="edge", color=colour)
        said = f"{user.id}, {user.model}, layer {layer + 1}: {what} from {start:.4g} to {end:.4g} s"
        drawn.add_tooltip(bars[0], said)


def _draw_thin(drawn: Picture, axes: Axes, row: int, user: UserRecord) -> None:
    """Draw the bars of all layers as few parts, which say what the user does: one for each layer would be too many."""
    bars = list(layers(user))
    arrived, done = (user.download_end_s or (0.0,))[-1], (user.compute_end_s or (0.0,))[-1]
    waited = sum(end - start for start, end in waits(user))
    said = f"{user.id}, {user.model}, {len(bars) // 2} layers: arrive until {arrived:.4g} s, computed at {done:.4g} s"
    for what, colours in (("arrives", DOWNLOAD), ("computes", COMPUTE)):
        for parity in (0, 1):
            mine = [bar for number, bar in enumerate(bars) if bar[0] == what and number // 2 % 2 == parity]
            if mine:
                spans = [(start, end - start) for _, _, start, end in mine]
                part = axes.broken_barh(spans, (row + mine[0][1], BAR), color=colours[parity], linewidth=0)
                drawn.add_tooltip(part, f"{said}, waits {waited:.4g} s in all")
