"""The same model with its rows and columns in another order: another path through all of an engine's arithmetic."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.solvers.engines.matrix import MatrixForm


@dataclasses.dataclass(frozen=True)
class Reordered:
    """A model in another order."""

    form: MatrixForm
    column: NDArray[np.int64]
    """Which column of the model each of these is, shape (C,)."""

    def restored(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """A point of this model as a point of the original one, shape (C,)."""
        original = np.empty_like(values)
        original[self.column] = values
        return original


def reordered(form: MatrixForm, seed: int) -> Reordered:
    """Rows and columns in a random order."""
    random = np.random.default_rng(seed)
    row, column = random.permutation(len(form.row_lower)), random.permutation(len(form.cost))
    place = np.empty_like(column)
    place[column] = np.arange(len(column))
    length = np.diff(form.start)[row]
    start = np.append(0, np.cumsum(length))
    entries = np.repeat(form.start[:-1][row] - start[:-1], length) + np.arange(start[-1])
    return Reordered(
        MatrixForm(
            variables=[form.variables[c] for c in column.tolist()] if form.variables else [],
            cost=form.cost[column],
            offset=form.offset,
            lower=form.lower[column],
            upper=form.upper[column],
            integer=form.integer[column],
            row_lower=form.row_lower[row],
            row_upper=form.row_upper[row],
            start=start.astype(np.int32),
            index=place[form.index[entries]].astype(np.int32),
            value=form.value[entries],
        ),
        column,
    )
