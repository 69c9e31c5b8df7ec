"""Formulas as MathML: rendered by the browser, without a script and without another host."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from docutils import nodes
from latex2mathml.converter import convert

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    """A formula in a line of text."""
    translator.body.append(convert(node.astext()))
    raise nodes.SkipNode


def visit_display(translator: HTML5Translator, node: nodes.math_block) -> None:
    """A formula on lines of its own, with the label that other pages refer to."""
    label = node.get("ids") or ([node["label"]] if node.get("label") else [])
    anchor = f' id="{escape(label[0])}"' if label else ""
    # The theme cuts off what is below the last line of a wide formula: the limits of its sums need room.
    formula = convert(node.astext(), display="block")
    translator.body.append(f'<div class="math" style="padding: 0.4em 0"{anchor}>{formula}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer of formulas."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_display, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
