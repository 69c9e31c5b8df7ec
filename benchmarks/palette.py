"""Colours of all pictures: a palette that people with any colour vision can tell apart, in light and in dark.

The distance of two colours is that in CIELAB. It is at least ``LEAST_DISTANCE`` for any two colours of ``PALETTE`` and
ink, for normal vision and for the three kinds of dichromacy in the simulation of Machado, Oliveira and Fernandes
(2009). The colours of Okabe and Ito, from which the palette was improved, come to 16. Text and lines have the colours
``INK`` and ``PAPER``. An SVG document replaces these two and the other keys of ``DARK`` in dark mode; the palette stays
as it is.
"""

from __future__ import annotations

BLUE, ORANGE, GREEN, VERMILION = "#405ba9", "#ea9d29", "#2abb70", "#ab3d02"
SKY, PURPLE = "#9cabd7", "#955873"
PALETTE = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE)
LEAST_DISTANCE = 30.0

INK, PAPER = "#1f1f23", "#fffffe"
"""Lines and text, and the background. They are no black and no white, which stay as they are in dark mode."""
FAINT, SOFT = "#dcdde0", "#70757c"
"""Grids and unused areas; marks that are less important than ink."""
DARK = {INK: "#e6e6ea", PAPER: "#17181c", FAINT: "#33363d", SOFT: "#9a9fa8"}
"""Colours in dark mode."""
BLACK, WHITE = "#000000", "#ffffff"
"""Text on a colour of the palette, in either mode."""
READABLE = 0.18
"""Relative luminance up to which white text is easier to read on a colour than black text."""


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour such as ``#405ba9``, from 0 to 255."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


def tint(colour: str, part: float) -> str:
    """A lighter colour of the same hue; ``part`` is the share of white in it."""
    return "#" + "".join(f"{round(value + (255 - value) * part):02x}" for value in channels(colour))


def luminance(colour: str) -> float:
    """The relative luminance of a colour, 0 for black and 1 for white, as WCAG defines it."""
    shares = (value / 255 for value in channels(colour))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def text_on(colour: str) -> str:
    """Black or white, whichever is easier to read on a colour."""
    return WHITE if luminance(colour) <= READABLE else BLACK


def dark_style() -> str:
    """The style sheet of an SVG document that gives it its colours of dark mode.

    The document states the colours of light mode in its elements, so programs without style sheets show these.
    """
    rules = "\n".join(
        f'[style*="{kind}: {light}"] {{ {kind}: {dark} !important; }}'
        for light, dark in DARK.items()
        for kind in ("fill", "stroke")
    )
    return f"<style>\n@media (prefers-color-scheme: dark) {{\n{rules}\n}}\n</style>"
