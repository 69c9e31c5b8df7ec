"""A heat map of what the models of a scan share: the share of each model's bytes that another one holds too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from partload import console
from partload.benchmarks import drawing
from partload.benchmarks.drawing import plain
from partload.benchmarks.palette import BLACK, INK, WHITE
from partload.instances.checkpoints.sharing import shared_bytes
from partload.plots.picture import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from partload.instances.checkpoints.scan import Scan

CELL_INCHES, FRAME_INCHES, LEAST_INCHES, MOST_INCHES = 0.75, 2.5, 5.0, 24.0
MOST_LABELLED = 24
"""Most models whose cells state their bytes."""
LONGEST_NAME = 24
DARK = 0.6
"""Share from which on the text of a cell is white."""


def picture(scan: Scan) -> Picture:
    """The heat map. Row i, column j: the share of model j's bytes that model i holds too.

    What is missing to a full cell is what a switch from model i to model j loads.

    Raises
    ------
    InputError
        When matplotlib is missing.
    """
    shared = shared_bytes(scan)
    sizes = shared.diagonal()
    shares = shared / np.maximum(sizes, 1)[np.newaxis, :]
    side = min(MOST_INCHES, max(LEAST_INCHES, CELL_INCHES * len(sizes) + FRAME_INCHES))
    figure = drawing.blank(side + 1, side)
    axes = figure.subplots()
    image = axes.imshow(shares, vmin=0.0, vmax=1.0, cmap="Blues", aspect="equal")
    bar = figure.colorbar(image, ax=axes, label="share of the column's bytes", shrink=0.8)
    for part in (axes, bar.ax):
        part.tick_params(colors=INK)
        part.yaxis.label.set_color(INK)
    _label(axes, [model.id for model in scan.models])
    once = sum(block.size_bytes for block in scan.blocks)
    title = f"{len(sizes)} models: {console.megabytes(int(sizes.sum()))}, each block once {console.megabytes(once)}"
    axes.set_title(plain(title), color=INK)
    axes.xaxis.label.set_color(INK)
    caption = "Each cell states the bytes that the models of its row and its column share."
    drawn = Picture(figure, title, (caption,))
    _fill(drawn, axes, scan, shared, shares)
    return drawn


def _label(axes: Axes, names: list[str]) -> None:
    """Write the names of the models on both sides."""
    texts = [plain(name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3]}...") for name in names]
    axes.set_xticks(range(len(texts)), texts, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(texts)), texts)
    axes.set_xlabel("next model")
    axes.set_ylabel("model in memory")


def _fill(drawn: Picture, axes: Axes, scan: Scan, shared: NDArray[np.int64], shares: NDArray[np.float64]) -> None:
    """Write the shared bytes into each cell, with a tooltip."""
    if len(shared) > MOST_LABELLED:
        return
    for row, resident in enumerate(scan.models):
        for column, following in enumerate(scan.models):
            share = float(shares[row, column])
            size = console.megabytes(int(shared[row, column]))
            text = f"{size}\n{console.percent(share)}"
            part = axes.text(
                column, row, text, ha="center", va="center", fontsize=7, color=WHITE if share > DARK else BLACK
            )
            drawn.add_tooltip(part, f"{resident.id} holds {size} of {following.id}, {console.percent(share)}")
