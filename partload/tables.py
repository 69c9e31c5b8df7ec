"""Tables of the commands, folded to a width: what does not fit beside the first column follows in a table below.

A column is never narrower than its longest word, so that no word is broken into a column of letters. Columns that do
not fit into the width at that are printed as a further table, which begins with the first column again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Literal

READABLE = 20
"""Width in characters down to which a column of text is made narrower before columns are moved to a table below."""
BETWEEN = 3
"""Characters from a column to the next."""
EDGES = 4
"""Characters at the two ends of a line: two, and two of padding that the oldest rich counts although it is off."""


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of a table, and the widths that it may have."""

    name: str
    cells: tuple[str, ...]
    right: bool
    """Whether it is aligned to the right, as numbers are; such cells are kept on one line."""
    first: bool
    """Whether it is the first column, whose names people look for and copy; it is kept on one line too."""

    @property
    def natural(self) -> int:
        """Width with every cell on one line."""
        return max(map(_width, (self.name, *self.cells)))

    @property
    def least(self) -> int:
        """Least width at which the column is pleasant to read and no word is broken."""
        word = max((_width(word) for text in (self.name, *self.cells) for word in text.split()), default=1)
        if self.first or self.right:
            return max(word, *map(_width, self.cells), 1)
        return max(word, min(self.natural, READABLE))


def columns_of(names: Iterable[str], rows: Iterable[Iterable[str]]) -> list[Column]:
    """The columns of a table; a name that ends with ``>`` is that of a column that is aligned to the right."""
    names, cells = list(names), [tuple(row) for row in rows]
    return [
        Column(name.removesuffix(">"), tuple(row[n] for row in cells), name.endswith(">"), n == 0)
        for n, name in enumerate(names)
    ]


def folded(columns: Sequence[Column], width: int) -> list[list[tuple[Column, int]]]:
    """The tables into which a table is folded, each a list of columns with their widths."""
    first, *others = columns
    groups: list[list[Column]] = [[first]]
    for column in others:
        if len(groups[-1]) > 1 and _total(one.least for one in (*groups[-1], column)) > width:
            groups.append([first])
        groups[-1].append(column)
    return [list(zip(group, _widths(group, width))) for group in groups]


def least_width(columns: Sequence[Column]) -> int:
    """The least width at which a table has all its columns beside each other."""
    return _total(column.least for column in columns)


def print_table(columns: Sequence[Column], title: str | None, width: int | None) -> None:
    """Print a table on the standard output; a width of None is that of the terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(width=width, markup=False, highlight=False)
    for number, group in enumerate(folded(columns, console.width)):
        above = title if number == 0 else None
        grid = Table(title=above, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
        for column, wide in group:
            side: Literal["left", "right"] = "right" if column.right else "left"
            grid.add_column(column.name, justify=side, overflow="fold", width=wide)
        for row in zip(*(column.cells for column, _ in group)):
            grid.add_row(*row)
        console.print(grid)


def _widths(group: Sequence[Column], width: int) -> list[int]:
    """Widths of columns that stand beside each other: the least ones, and what is left for those that want more."""
    widths = [column.least for column in group]
    left = width - _total(widths)
    while left > 0 and (wanting := [n for n, column in enumerate(group) if widths[n] < column.natural]):
        share = max(left // len(wanting), 1)
        for n in wanting[:left]:
            added = min(share, group[n].natural - widths[n])
            widths[n] += added
            left -= added
    while left < 0 and max(widths) > 1:  # Two columns with words that are longer than the line: these are broken.
        widest = widths.index(max(widths))
        widths[widest] -= 1
        left += 1
    return widths


def _total(widths: Iterable[int]) -> int:
    """Width of a table with columns of these widths."""
    known = list(widths)
    return sum(known) + BETWEEN * (len(known) - 1) + EDGES


def _width(text: str) -> int:
    """Characters that a text takes on a terminal, its longest line."""
    from rich.cells import cell_len

    return max(map(cell_len, text.splitlines()), default=0)
