"""A Gantt chart of a SLIDE solution: for each user, the download of each layer above its computation.

Between two computations the device waits for the next layer; a thin line marks these waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from partload.benchmarks.drawing import plain
from partload.benchmarks.palette import BLUE, GREEN, VERMILION
from partload.plots.picture import Picture, blank, headline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from partload.instances.slide.instance import Instance
    from partload.instances.slide.solution import Solution, UserRecord

DOWNLOAD, COMPUTE, DEADLINE, WAIT = (BLUE, "#7FB8DA"), (GREEN, "#7FCEB9"), VERMILION, "#888888"
"""Downloads and computations have two shades each, which alternate from layer to layer."""
MOST_USERS = 60
MARGIN = 1.01
"""The time axis ends at this multiple of the last time, so that a deadline there stays visible."""
BAR = 0.36
ROW_INCHES, FRAME_INCHES = 0.3, 1.6


def picture(solved: Sequence[tuple[Solution, Instance | None]]) -> Picture:
    """A picture of one solution, or of several below each other with a common time axis.

    Each solution comes with its instance, or None where it is not known.

    Raises
    ------
    InputError
        On a solution without times, on an instance that is not that of the solution, or when matplotlib is missing.
    """
    rows = [min(len(solution.users), MOST_USERS) for solution, _ in solved]
    heights = [ROW_INCHES * max(count, 1) + FRAME_INCHES for count in rows]
    drawn = blank(solved, sum(heights), "; ".join(headline(solution, instance) for solution, instance in solved))
    grid = drawn.figure.subplots(len(solved), 1, height_ratios=heights, squeeze=False, sharex="col")
    for (solution, instance), (axes,) in zip(solved, grid):
        _draw(drawn, axes, solution, instance)
    marks = grid[0][0].get_legend_handles_labels()
    drawn.figure.legend(*marks, loc="outside lower center", ncols=4, frameon=False)
    return drawn


def waits(user: UserRecord) -> Iterator[tuple[float, float]]:
    """The waits of a user's device [s]: from the end of a computation until the next layer has arrived."""
    free = 0.0
    for arrived, computed in zip(user.download_end_s or (), user.compute_end_s or ()):
        if arrived > free:
            yield free, arrived
        free = computed


def _draw(drawn: Picture, axes: Axes, solution: Solution, instance: Instance | None) -> None:
    users = solution.users[:MOST_USERS]
    axes.bar(0, 0, color=DOWNLOAD[0], label="layer arrives")
    axes.bar(0, 0, color=COMPUTE[0], label="layer computes")
    axes.plot([], [], color=WAIT, label="device waits")
    for row, user in enumerate(users):
        _draw_user(drawn, axes, row, user)
    last = max(((user.compute_end_s or (0.0,))[-1] for user in users), default=1.0)
    if instance is not None:
        axes.plot([], [], color=DEADLINE, label="deadline")
        for row, user in enumerate(users):
            deadline = instance.users[instance.user_index[user.id]].deadline_s
            axes.vlines(deadline, row - 0.45, row + 0.45, color=DEADLINE, linewidth=1.6)
            last = max(last, deadline)
    axes.set_yticks(range(len(users)), [plain(f"{user.id}: {user.model}") for user in users], fontsize=7)
    axes.set_ylim(max(len(users), 1) - 0.5, -0.5)
    axes.set_xlim(0, MARGIN * last)
    axes.set_xlabel("time [s]")
    axes.set_ylabel("user: model")
    left_out = len(solution.users) - len(users)
    more = f" (the first {MOST_USERS}; {left_out} more are not drawn)" if left_out else ""
    missing = "" if instance is not None else " (deadlines not known)"
    axes.set_title(plain(headline(solution, instance)) + more + missing, loc="left", fontsize=10)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_user(drawn: Picture, axes: Axes, row: int, user: UserRecord) -> None:
    arrived, computed = user.download_end_s or (), user.compute_end_s or ()
    begun, free = 0.0, 0.0
    for layer, (arrives, ends) in enumerate(zip(arrived, computed)):
        starts = max(free, arrives)
        for top, start, end, colours, what in (
            (row - BAR, begun, arrives, DOWNLOAD, "arrives"),
            (row, starts, ends, COMPUTE, "computes"),
        ):
            bars = axes.barh(top, end - start, BAR, start, align="edge", color=colours[layer % 2])
            drawn.add_tooltip(
                bars[0], f"{user.id}, {user.model}, layer {layer + 1}: {what} from {start:.4g} to {end:.4g} s"
            )
        begun, free = arrives, ends
    for start, end in waits(user):
        axes.hlines(row + BAR / 2, start, end, color=WAIT, linewidth=0.8)
