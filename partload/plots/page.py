"""A picture as an HTML page: one file without references to others, scaled to the width of the window.

A script zooms the picture and says what a part is. The page can be read without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from importlib import resources

Measure = tuple[str, str, Callable[[float], str]]
"""A measure of a caption: its name, its key in ``metrics``, and the function that writes its value."""
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
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(title, quote=False)}</title>",
        f"<style>\n{_read('page.css')}</style>",
        "</head>",
        "<body>",
        "<figure>",
        '<div class="picture" tabindex="0" role="region" aria-label="Picture">',
        svg[svg.index("<svg") :].rstrip(),
        "</div>",
        "<figcaption>",
        *(f"<p>{escape(caption, quote=False)}</p>" for caption in captions),
        "</figcaption>",
        "</figure>",
        f"<script>\n{_read('page.js')}</script>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _read(name: str) -> str:
    return (resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")
