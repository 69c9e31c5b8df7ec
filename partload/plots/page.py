"""A picture as an HTML page: one file without references to others, scaled to the width of the window, with a zoom."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape

Measure = tuple[str, str, Callable[[float], str]]
"""A measure of a caption: its name, its key in ``metrics``, and the function that writes its value."""
STYLE = """\
body { margin: 0 auto; max-width: 100rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif;
  color: #1f1f23; background: #fffffe; }
figure { margin: 0; }
.picture { overflow: auto; max-height: 85vh; }
svg { display: block; width: 100%; height: auto; }
button { min-width: 2.4rem; margin-right: 0.3rem; padding: 0.2rem 0.6rem; border: 1px solid #808080;
  border-radius: 4px; background: none; color: inherit; font: inherit; cursor: pointer; }
@media (max-width: 40rem) { svg { min-width: 40rem; } }
@media (prefers-color-scheme: dark) { body { background: #17181c; color: #e6e6ea; } }"""
SCRIPT = """\
"use strict";
// Zoom: the buttons, the keys + - 0, and the wheel with Ctrl. The picture scrolls inside its frame.
const box = document.querySelector(".picture"), svg = box.querySelector("svg");
let scale = 1;
function zoom(factor, at) {
  const next = Math.min(20, Math.max(1, factor === 0 ? 1 : scale * factor));
  const x = at ? at.clientX - box.getBoundingClientRect().left : box.clientWidth / 2;
  const y = at ? at.clientY - box.getBoundingClientRect().top : box.clientHeight / 2;
  const left = (box.scrollLeft + x) * next / scale - x, top = (box.scrollTop + y) * next / scale - y;
  scale = next;
  svg.style.width = 100 * scale + "%";
  box.scrollTo(left, top);
}
for (const button of document.querySelectorAll("button")) {
  button.addEventListener("click", () => zoom(Number(button.value)));
}
document.addEventListener("keydown", (event) => {
  const factor = { "+": 1.5, "-": 1 / 1.5, "0": 0 }[event.key];
  if (factor !== undefined && !event.ctrlKey && !event.metaKey) zoom(factor);
});
box.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, event);
}, { passive: false });"""
BUTTONS = (("1.5", "+", "zoom in"), ("0.6667", "\u2212", "zoom out"), ("0", "whole", "the whole picture"))
"""The factor, the face and the hint of each button."""
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
        "<p>",
        *(f'<button value="{factor}" title="{hint}">{face}</button>' for factor, face, hint in BUTTONS),
        "</p>",
        '<div class="picture">',
        svg[svg.index("<svg") :].rstrip(),
        "</div>",
        "<figcaption>",
        *(f"<p>{escape(caption, quote=False)}</p>" for caption in captions),
        "</figcaption>",
        "</figure>",
        f"<script>\n{SCRIPT}\n</script>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"
