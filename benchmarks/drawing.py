"""Drawing for all pictures: one style of axes, literal text, and reproducible documents. Needs matplotlib."""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Literal

from partload.benchmarks.palette import FAINT, INK, PAPER, dark_style
from partload.instances import extras

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OPENING = re.compile(r"<svg\b[^>]*>")


def blank(width_inches: float, height_inches: float) -> Figure:
    """An empty figure with constrained layout; raises InputError when matplotlib is missing."""
    made: Figure = extras.load("matplotlib.figure", "pictures").Figure(
        figsize=(width_inches, height_inches), layout="constrained", facecolor=PAPER
    )
    return made


def plain(text: str) -> str:
    """Escape a text so that matplotlib sets it literally. Matplotlib reads text between dollar signs as a formula."""
    return text.replace("$", r"\$")


def style_axes(axes: Axes, grid: Literal["both", "x", "y"] = "both") -> None:
    """Give axes the style of all pictures: two spines, a faint grid, ink for every part without a colour of its own."""
    axes.set_facecolor("none")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)
    axes.grid(color=FAINT, linewidth=0.8, axis=grid)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, which="both")
    for text in (axes.xaxis.label, axes.yaxis.label):
        text.set_color(INK)


def svg(figure: Figure, letters: Literal["path", "none"] = "path") -> str:
    """A figure as an SVG document, with colours for light and for dark mode. The same figure gives the same document.

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
    return OPENING.sub(lambda opening: f"{opening[0]}\n{dark_style()}", drawn.getvalue(), count=1)


def element(document: str) -> str:
    """The SVG element of a document, without metadata, as a part of a page."""
    return re.sub(r"<metadata>.*?</metadata>\s*", "", document[document.index("<svg") :], flags=re.DOTALL).rstrip()


def inline(document: str) -> str:
    """An SVG document as a part of a page: in the ink of the text around it, on its paper, without rules for the page.

    It is as wide as there is room, up to its own width.
    """
    drawn = element(document)
    for left_out in (r"<!--.*?-->\s*", r"<style.*?</style>"):
        drawn = re.sub(left_out, "", drawn, flags=re.DOTALL)
    look = "max-width: 100%; height: auto; stroke-linejoin: round; stroke-linecap: butt"
    drawn = drawn.replace("<svg ", f'<svg style="{look}" ', 1)
    # Edges and hatches keep the colour of the paper, since they lie on the colours of bars.
    for colour, here in ((INK, "currentColor"), (f"fill: {PAPER}", "fill: none"), (FAINT, "#80808050")):
        drawn = drawn.replace(colour, here)
    return drawn


def pdf(figure: Figure) -> bytes:
    """A figure as a PDF document, with fonts that text can be searched in. The same figure gives the same document."""
    from matplotlib import rc_context

    drawn = io.BytesIO()
    with rc_context({"pdf.fonttype": 42}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")
        figure.savefig(drawn, format="pdf", metadata={"CreationDate": None, "Producer": None})
    return drawn.getvalue()
