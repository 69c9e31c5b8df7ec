"""The bandwidth over time: one rectangle for each user, as high as the bandwidth and as wide as the download."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from partload.benchmarks.drawing import plain
from partload.benchmarks.palette import VERMILION
from partload.instances.errors import InputError
from partload.plots import band
from partload.plots.picture import Picture, blank, headline

if TYPE_CHECKING:
    from partload.instances.slide.instance import Instance
    from partload.instances.slide.solution import Solution


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
    styles = band.styles(user.model for user in solution.users)
    title = headline(solution, instance)
    drawn = blank([(solution, instance)], band.height_inches(styles), title)
    end = max(((user.compute_end_s or (0.0,))[-1] for user in solution.users), default=0.0)
    found = list(shares(solution))
    plot = band.BandAxes.of(drawn.figure.subplots(), instance.downlink.bandwidth_hz, end, found)
    plot.axes.set_title(plain(title), loc="left", fontsize=10)
    for share in found:
        band.draw_share(drawn, plot, share, styles[share.model])
    for share, user in zip(found, solution.users):
        low, high = (edge / plot.unit[0] for edge in (share.bottom_hz, share.bottom_hz + share.bandwidth_hz))
        done = (user.compute_end_s or (0.0,))[-1]
        plot.axes.vlines(done, low, high, color=VERMILION)
    plot.axes.plot([], [], color=VERMILION, label="result is there")
    band.add_legend(drawn, plot, styles)
    return drawn
