"""The bandwidth over time: one rectangle for each user, as high as the bandwidth and as wide as the download."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from partload.benchmarks.palette import INK
from partload.instances.errors import InputError
from partload.plots import band, colours, leaders
from partload.plots.picture import Picture, blank, headline, set_title

if TYPE_CHECKING:
    from partload.instances.slide.instance import Instance
    from partload.instances.slide.solution import Solution

USER_INCHES, MOST_INCHES = 0.085, 8.0
"""Height of the axes for each user, and at most."""


def shares(solution: Solution) -> Iterator[band.Share]:
    """The shares of all users, stacked, because all are held from time 0."""
    bottom = 0.0
    for user in solution.users:
        download = (user.download_end_s or (0.0,))[-1]
        yield band.Share(
            name=user.id,
            model=user.model,
            start_s=0.0,
            sent_s=download,
            held_s=download,
            bottom_hz=bottom,
            bandwidth_hz=user.bandwidth_hz,
        )
        bottom += user.bandwidth_hz


def picture(solution: Solution, instance: Instance | None) -> Picture:
    """A picture of the bandwidth of each user over time; a line in each share marks the end of the computation.

    Raises
    ------
    InputError
        Without the instance, on a solution without times, on an instance that is not that of the solution, or when
        matplotlib is missing.
    """
    if instance is None:
        raise InputError("expected the instance, which has the band: name it with --instance", "instance")
    styles = colours.styles({user.model: user.model for user in solution.users})
    title = headline(solution, instance)
    end = max(((user.compute_end_s or (0.0,))[-1] for user in solution.users), default=0.0)
    found = list(shares(solution))
    layout = band.Layout.of(1, end, (), min(max(band.PLOT_INCHES, USER_INCHES * len(found)), MOST_INCHES))
    drawn = blank([(solution, instance)], layout.height_inches(list(styles)), title)
    plots = layout.draw(drawn, instance.downlink.bandwidth_hz, found, styles)
    (plot,) = plots
    set_title(plot.axes, title)
    for share, user in zip(found, solution.users):
        low, high = (edge / plot.unit[0] for edge in (share.bottom_hz, share.bottom_hz + share.bandwidth_hz))
        done = (user.compute_end_s or (0.0,))[-1]
        plot.axes.vlines(done, low, high, color=INK, linewidth=2, label="result is there")
    leaders.beside(plot.axes, _names(plot, found), layout.plot_inches)
    band.add_models(drawn, plots, styles, names={model: model for model in styles})
    return drawn


def _names(plot: band.BandAxes, found: Sequence[band.Share]) -> list[leaders.Label]:
    """The names at the right of the users whose names do not fit into their shares; of too many, the largest shares."""
    top = 1.02 * plot.top_hz
    narrow = [
        (share.bandwidth_hz, ((share.bottom_hz + share.bandwidth_hz / 2) / top, share.name))
        for share in found
        if band.text_rotation(plot, share, (0.0, share.sent_s)) is None
    ]
    return leaders.fitting(narrow, plot.height_inches)
