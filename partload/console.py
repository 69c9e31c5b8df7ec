"""What the commands print: tables, numbers with units, and the line that says how far a search is."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from partload.instances.errors import InputError
from partload.instances.numbers import exact

if TYPE_CHECKING:
    from partload.solvers import Progress

PLAIN_WIDTH = 120
"""Columns of a table that goes into a file or a pipe."""


def table(columns: Iterable[str], rows: Iterable[Iterable[str]], title: str | None = None) -> None:
    """Print a table; a column whose name ends with ``>`` is set flush right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    made = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        side: Literal["left", "right"] = "right" if column.endswith(">") else "left"
        whole = number == 0  # The name in the first column is what people look for and copy.
        made.add_column(column.removesuffix(">"), justify=side, overflow="fold", no_wrap=whole)
    for row in rows:
        made.add_row(*row)
    Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, markup=False, highlight=False).print(made)


def megabytes(size_bytes: float) -> str:
    """A number of bytes in the unit that suits it."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.4g} {unit}"
    return f"{size_bytes:g} B"


def hertz(bandwidth_hz: float) -> str:
    """A bandwidth in the unit that suits it."""
    return _scaled(bandwidth_hz, "Hz")


def speed(flop_per_s: float) -> str:
    """A speed of computing in the unit that suits it."""
    return _scaled(flop_per_s, "FLOP/s")


def _scaled(value: float, unit: str) -> str:
    for prefix, factor in (("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= factor:
            return f"{value / factor:.4g} {prefix}{unit}"
    return f"{value:.4g} {unit}"


def seconds(time_s: float | None) -> str:
    """A time, or a dash where there is none."""
    return "-" if time_s is None else f"{time_s:.4g} s"


def number(value: float | None) -> str:
    """A number with all its digits, or a dash where there is none."""
    return "-" if value is None else exact(value)


def rounded(value: float | None, digits: int = 4) -> str:
    """A number to so many digits, or a dash where there is none."""
    return "-" if value is None else f"{value:.{digits}g}"


def three_digits(value: float) -> str:
    """A number with three digits behind the point."""
    return f"{value:.3f}"


def percent(share: float | None) -> str:
    """A share in percent, or a dash where there is none; what is above 0 is not shown as 0."""
    if share is None:
        return "-"
    return "< 0.01%" if 0 < share < 0.00005 else f"{share:.2%}"


def listed(names: Iterable[str], room: int = 40) -> str:
    """Names, as many as there is room for, and how many more there are."""
    names = list(names)
    shown: list[str] = []
    for name in names:
        if shown and len(", ".join((*shown, name))) > room:
            return f"{', '.join(shown)}, +{len(names) - len(shown)}"
        shown.append(name)
    return ", ".join(shown)


def ensure_writable(path: Path | None) -> None:
    """Refuse a file that cannot be written before hours are spent on what should go into it.

    Raises
    ------
    InputError
        When the file cannot be written; one that exists is left as it is.
    """
    if path is None:
        return
    existed = path.exists()
    try:
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise InputError(f"cannot write here: {error.strerror}", source=str(path)) from None
    if not existed:
        path.unlink(missing_ok=True)


def hush_pyomo() -> None:
    """Keep Pyomo from printing of an error, or of Ctrl-C, what the exception says as well. Pyomo has to be imported."""
    logging.getLogger("pyomo").setLevel(logging.CRITICAL)


class ProgressLine:
    """One line on standard error, rewritten in place; silent when nobody watches."""

    def __init__(self) -> None:
        self.watched = sys.stderr.isatty()

    def __call__(self, progress: Progress) -> None:
        """Show how far the search is."""
        parts = (
            f"{progress.elapsed_s:.0f} s",
            f"incumbent {rounded(progress.incumbent, 10)}",
            f"bound {rounded(progress.bound, 10)}",
            f"gap {percent(progress.gap)}",
        )
        print("\r\033[K" + "   ".join(parts), end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Leave no trace of the line."""
        if self.watched:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
