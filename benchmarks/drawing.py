"""Drawing for all pictures: colours, literal text, and reproducible SVG documents. Needs matplotlib.

The colours are those of Okabe and Ito: people with any colour vision can tell them apart.
"""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Literal

from partload.instances import extras

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
YELLOW, SKY, PURPLE, GREY = "#F0E442", "#56B4E9", "#CC79A7", "#6E6E6E"
INK, PAPER = "#1f1f23", "#fffffe"
"""Colours of text and lines, and of the background. Nothing else has them, so that dark mode can exchange them."""
DARK_INK, DARK_PAPER = "#e6e6ea", "#17181c"
DARK_MODE = f"""
@media (prefers-color-scheme: dark) {{
  [style*="fill: {INK}"] {{ fill: {DARK_INK} !important; }}
  [style*="stroke: {INK}"] {{ stroke: {DARK_INK} !important; }}
  [style*="fill: {PAPER}"] {{ fill: {DARK_PAPER} !important; }}
  [style*="stroke: {PAPER}"] {{ stroke: {DARK_PAPER} !important; }}
}}"""
"""Rules that browsers follow and that other readers of SVG leave alone."""


def blank(width_inches: float, height_inches: float) -> Figure:
    """An empty figure with constrained layout; raises InputError when matplotlib is missing."""
    made: Figure = extras.load("matplotlib.figure", "pictures").Figure(
        figsize=(width_inches, height_inches), layout="constrained"
    )
    return made


def set_ink(figure: Figure) -> None:
    """Give the background, the axes and the texts of a figure the colours of paper and ink.

    Texts that have a colour of their own keep it.
    """
    from matplotlib.text import Text

    figure.set_facecolor(PAPER)
    for axes in figure.axes:
        axes.set_facecolor("none")
        for spine in axes.spines.values():
            spine.set_color(INK)
        axes.tick_params(colors=INK, which="both")
        for line in (*axes.get_xgridlines(), *axes.get_ygridlines()):
            line.set(color=INK, alpha=0.13)
    for text in figure.findobj(Text):
        if isinstance(text, Text) and text.get_color() == "black":
            text.set_color(INK)


def with_dark_mode(document: str) -> str:
    """An SVG document with rules for dark mode. Its ink and paper must be those of this module."""
    return document.replace("</style>", f"{DARK_MODE}</style>", 1)


def inline(document: str) -> str:
    """An SVG document as a part of a page: in the ink of the text around it, on its paper, without rules for the page.

    Its ink and paper must be those of this module. It is as wide as there is room, up to its own width.
    """
    element = document[document.index("<svg") :]
    for left_out in (r"<!--.*?-->\s*", r"<metadata>.*?</metadata>\s*", r'<style type="text/css">.*?</style>'):
        element = re.sub(left_out, "", element, flags=re.DOTALL)
    look = "max-width: 100%; height: auto; stroke-linejoin: round; stroke-linecap: butt"
    element = element.replace("<svg ", f'<svg style="{look}" ', 1)
    return element.replace(INK, "currentColor").replace(PAPER, "none").rstrip()


def mixed(colour: str, share: float) -> str:
    """A colour mixed with white, or with black where the share is negative."""
    other = 255 if share > 0 else 0
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part + (other - part) * abs(share)):02X}" for part in parts)


def ink_on(colour: str) -> str:
    """White or black, whichever can be read better on a colour."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return "#FFFFFF" if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.3 else "#000000"


def plain(text: str) -> str:
    """Escape a text so that matplotlib sets it literally. Matplotlib reads text between dollar signs as a formula."""
    return text.replace("$", r"\$")


def svg(figure: Figure, letters: Literal["path", "none"] = "path") -> str:
    """A figure as an SVG document. The same figure gives the same document.

    Parameters
    ----------
    figure
        A matplotlib figure.
    letters
        ``path`` draws the letters as outlines. ``none`` writes text in the reader's fonts, which have the letters of
        every language.
    """
    from matplotlib import rc_context

    drawn = io.StringIO()
    with rc_context({"svg.hashsalt": "partload", "svg.fonttype": letters}), warnings.catch_warnings():
        if letters == "none":
            warnings.filterwarnings("ignore", "Glyph .* missing")
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    return drawn.getvalue()


def pdf(figure: Figure) -> bytes:
    """A figure as a PDF document, with fonts that text can be searched in. The same figure gives the same document."""
    from matplotlib import rc_context

    drawn = io.BytesIO()
    with rc_context({"pdf.fonttype": 42}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")
        figure.savefig(drawn, format="pdf", metadata={"CreationDate": None, "Producer": None})
    return drawn.getvalue()
