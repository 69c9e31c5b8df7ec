"""The letters of the set-union formulation, for the mathematics that is printed from it."""

from __future__ import annotations

SYMBOLS = {
    "MODELS": r"i \in \mathcal{I}",
    "BLOCKS": r"j \in \mathcal{J}",
    "USES": r"(i, j) \in \mathcal{U}",
    "REQUESTS": r"k \in \mathcal{K}",
    "REQUESTS_OF": r"k \in \mathcal{K}",
    "ASKS": r"(k, i) \in \mathcal{Q}",
    "BETTER": r"(p, k) \in \mathcal{B}",
    "visited": "y",
    "served": "z",
    "loaded": "x",
    "load_time": "L",
    "setup": r"\alpha",
    "per_request": r"\beta",
    "weight": r"\omega",
    "last": r"\bar D",
}
"""How the printed mathematics names sets (with their index), variables and data."""
