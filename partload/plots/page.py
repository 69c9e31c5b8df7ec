"""A picture as an HTML page: one file without references to others, scaled to the width of the window."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape

Measure = tuple[str, str, Callable[[float], str]]
"""A measure of a caption: its name, its key in ``metrics``, and the function that writes its value."""
STYLE = """\
body { margin: 1rem auto; max-width: 100rem; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #222; }
figure { margin: 0; }
svg { width: 100%; height: auto; }
@media (prefers-color-scheme: dark) { body { background: #222; color: #ddd; } }"""
PART = re.compile(r'<g id="(part-\d+)">')


def add_titles(svg: str, tooltips: Mapping[str, str]) -> str:
    """The SVG document with a title for each part, given by the id of the part; browsers show titles as tooltips."""
    return PART.sub(lambda match: f"{match[0]}<title>{escape(tooltips[match[1]], quote=False)}</title>", svg)


def page(svg: str, title: str, captions: Sequence[str]) -> str:
    """An HTML document that contains an SVG document and, below it, one paragraph for each caption."""
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title, quote=False)}</title>",
        f"<style>\n{STYLE}\n</style>",
        "</head>",
        "<body>",
        "<figure>",
        svg[svg.index("<svg") :].rstrip(),
        "<figcaption>",
        *(f"<p>{escape(caption, quote=False)}</p>" for caption in captions),
        "</figcaption>",
        "</figure>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"
