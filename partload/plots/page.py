"""A picture as a page: one file that needs nothing else, and fits the width of the window."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

STYLE = """\
body { margin: 1rem auto; max-width: 100rem; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #222; }
figure { margin: 0; }
svg { width: 100%; height: auto; }
@media (prefers-color-scheme: dark) { body { background: #222; color: #ddd; } }"""
PART = re.compile(r'<g id="(part-\d+)">')


def titled(svg: str, hovers: Mapping[str, str]) -> str:
    """An SVG document whose parts, by their ids, carry titles: browsers show them when the part is pointed at."""
    return PART.sub(lambda match: f"{match[0]}<title>{escape(hovers[match[1]], quote=False)}</title>", svg)


def page(svg: str, title: str, captions: Sequence[str]) -> str:
    """An HTML document with an SVG document inside, and lines of text below it."""
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
