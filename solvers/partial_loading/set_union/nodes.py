"""The nodes of the search that are open, as arrays, last in first out; as many at a time as are good for numpy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Nodes(NamedTuple):
    """Q nodes."""

    candidates: Mask
    """Elements on which nothing is decided, shape (Q, N)."""
    alive: Mask
    """Items of which nothing is excluded, shape (Q, M)."""
    residual: Floats
    """Time that has to be excluded beside what is, in deadlines, shape (Q,)."""
    lost: Floats
    """Weight of the items that are lost, in units, shape (Q,)."""
    most: Floats
    """Units that no plan of the node exceeds, shape (Q,)."""
    tried: Mask
    """Whether what is excluded was late by about the tolerance, shape (Q,): the residual leaves that out now."""

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Nodes:
        """Some of the nodes."""
        return Nodes._make(column[chosen] for column in self)

    @property
    def number(self) -> int:
        """Q."""
        return len(self.lost)


class Stack:
    """Open nodes in arrays that grow."""

    def __init__(self, root: Nodes) -> None:
        self._columns: list[Floats | Mask] = [column.copy() for column in root]
        self._size = root.number

    def __len__(self) -> int:
        return self._size

    @property
    def most(self) -> float:
        """Units that no plan of an open node exceeds; 0 if there is none."""
        return float(self._columns[Nodes._fields.index("most")][: self._size].max(initial=0.0))

    def pop(self, count: int) -> Nodes:
        """Take the last nodes."""
        first = max(self._size - count, 0)
        taken = Nodes._make(column[first : self._size].copy() for column in self._columns)
        self._size = first
        return taken

    def push(self, nodes: Nodes) -> None:
        """Add nodes; the last of them are taken first."""
        end = self._size + nodes.number
        if end > len(self._columns[0]):
            self._columns = [_grown(column, 2 * end) for column in self._columns]
        for column, added in zip(self._columns, nodes):
            column[self._size : end] = added
        self._size = end


def _grown(column: Floats | Mask, rows: int) -> Floats | Mask:
    larger: Floats | Mask = np.empty((rows, *column.shape[1:]), dtype=column.dtype)
    larger[: len(column)] = column
    return larger
