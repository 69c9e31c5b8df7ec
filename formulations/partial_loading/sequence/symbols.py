"""The letters of the sequence formulation, for the mathematics that is printed from it."""

from __future__ import annotations

SYMBOLS = {
    "MODELS": r"j \in \mathcal{I}",
    "ARCS": r"(i, j) \in \mathcal{A}",
    "INTO": r"i \in \mathcal{A}^-",
    "OUT_OF": r"l \in \mathcal{A}^+",
    "START": r"i \in \mathcal{S}",
    "PAIRS": r"(i, j) \in \mathcal{P}",
    "GROUPS": r"g \in \mathcal{G}",
    "ENTERING": r"(i, j) \in \mathcal{C}",
    "MEMBERS": r"(g, j) \in \mathcal{M}",
    "REQUESTS": r"k \in \mathcal{K}",
    "REQUESTS_OF": r"k \in \mathcal{K}",
    "ASKS": r"(k, j) \in \mathcal{Q}",
    "BETTER": r"(p, k) \in \mathcal{B}",
    "arc": "x",
    "visited": "y",
    "served": "z",
    "flow": "f",
    "visit_time": "T",
    "batches": r"\kappa",
    "later": r"\hat z",
    "load_time": "L",
    "setup": r"\alpha",
    "per_request": r"\beta",
    "upload": "u",
    "weight": r"\omega",
    "largest_batch": "q",
    "most_batches": r"\bar\kappa",
    "most_visits": r"\bar n",
    "last": r"\bar D",
}
"""How the printed mathematics names sets (with their index), variables and data."""
