"""Several values in one word: ``5e6:40e6:8`` or ``1,2,4``."""

from __future__ import annotations

import math

from partload.instances.errors import InputError

DIGITS = 12
"""Significant digits to which values between the ends are rounded."""
MOST = 10_000
EXPECTED = "expected FROM:TO:COUNT, such as 5e6:40e6:8, or numbers such as 1,2,4"


def read_values(text: str, source: str, *, whole: bool = False) -> tuple[float, ...]:
    """Values in the order given.

    Parameters
    ----------
    text
        ``FROM:TO:COUNT``, so many values evenly spaced from one to the other, or values with commas between them.
    source
        What the values are for, as an error names it.
    whole
        Only whole numbers: those between the ends are rounded, and the same one twice counts once.

    Raises
    ------
    InputError
        When the text is neither, or a number is not whole where it has to be.
    """
    *ends, count = text.split(":")
    if len(ends) not in (0, 2):
        raise InputError(f"{EXPECTED}, got {text!r}", source=source)
    numbers = [_number(part, source) for part in ends or count.split(",")]
    if whole and not all(value.is_integer() for value in numbers):
        raise InputError(f"expected whole numbers, got {text!r}", source=source)
    if not ends:
        return tuple(dict.fromkeys(numbers))
    if not count.isdecimal() or not 2 <= int(count) <= MOST:
        raise InputError(f"expected from 2 to {MOST} values in FROM:TO:COUNT, got {text!r}", source=source)
    first, last = numbers
    between = (first + (last - first) * n / (int(count) - 1) for n in range(1, int(count) - 1))
    rounded = (float(round(value)) if whole else float(f"{value:.{DIGITS}g}") for value in between)
    return tuple(dict.fromkeys([first, *rounded, last]))


def _number(part: str, source: str) -> float:
    try:
        value = float(part)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{EXPECTED}, got {part!r}", source=source)
    return value
