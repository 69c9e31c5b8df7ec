"""What all pictures share: colours, text as it stands, and files that are the same every time. Needs matplotlib.

Colours are those of Okabe and Ito, which people with any colour vision can tell apart.
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
    """An empty figure whose parts make room for each other; raises InputError when matplotlib is missing."""
    made: Figure = extras.load("matplotlib.figure", "pictures").Figure(
        figsize=(width_inches, height_inches), layout="constrained"
    )
    return made


def plain(text: str) -> str:
    """Text for matplotlib to set as it stands, which would take dollar signs for formulas."""
    return text.replace("$", r"\$")


def svg(figure: Figure, letters: Literal["path", "none"] = "path") -> str:
    """A figure as an SVG document; the same one gives the same text.

    Letters are drawn as ``path``, or left to the reader's fonts (``none``), which have those of any language.
    """
    from matplotlib import rc_context

    drawn = io.StringIO()
    with rc_context({"svg.hashsalt": "partload", "svg.fonttype": letters}), warnings.catch_warnings():
        if letters == "none":
            warnings.filterwarnings("ignore", "Glyph .* missing")
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    return drawn.getvalue()
