"""Pieces of Markdown that several pages are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

TITLES = {"partial-loading": "PartialLoading", "slide": "SLIDE"}
"""What a problem is called in a text."""
CITED = re.compile(r"problems,\s+(SLIDE,\s+)?facts?\s+\d+")
"""How code cites the facts of a problem."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar in a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def formula(latex: str) -> str:
    """A formula in a line of text; nothing for nothing."""
    return f"${latex}$" if latex else ""


def display(latex: str) -> str:
    """A formula on lines of its own."""
    return f"```{{math}}\n{latex}\n```\n"


def code(text: str) -> str:
    """Code in a line of text; nothing for nothing."""
    return f"`{text}`" if text else ""


def linked(text: str, up: str) -> str:
    """A header of a module, in which the facts that it cites are links; ``up`` leads to the folder of the reference."""
    return CITED.sub(lambda cited: f"[{cited[0]}]({up}{'slide' if cited[1] else 'problems'}.md#facts)", text)
