"""A long time axis in several strips below each other, like the lines of a text."""

from __future__ import annotations

PARTS_IN_A_STRIP, MOST_STRIPS = 40, 12
WIDTH_INCHES = 8.7
"""The approximate width of the axes of a strip."""

Window = tuple[float, float]
"""The first and the last time of a strip [s]."""


def windows(parts: int, end_s: float) -> list[Window]:
    """The windows of the strips, all equally long, for so many parts that end at ``end_s``."""
    count = max(1, min(MOST_STRIPS, -(-parts // PARTS_IN_A_STRIP)))
    end = end_s if end_s > 0 else 1.0
    return [(end * n / count, end * (n + 1) / count) for n in range(count)]


def shown(window: Window, start_s: float, end_s: float) -> Window | None:
    """The part of a time span that a window shows; None when it shows nothing of it."""
    start, end = max(window[0], start_s), min(window[1], end_s)
    return (start, end) if start < end else None
