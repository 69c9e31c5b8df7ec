"""Drawing for all pictures: colours, literal text, and reproducible SVG documents. Needs matplotlib.

The colours are those of Okabe and Ito: people with any colour vision can tell them apart.
"""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Literal

from partload.instances import extras

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
YELLOW, SKY, PURPLE, BLACK = "#F0E442", "#56B4E9", "#CC79A7", "#000000"


def blank(width_inches: float, height_inches: float) -> Figure:
    """An empty figure with constrained layout; raises InputError when matplotlib is missing."""
    made: Figure = extras.load("matplotlib.figure", "pictures").Figure(
        figsize=(width_inches, height_inches), layout="constrained"
    )
    return made


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
