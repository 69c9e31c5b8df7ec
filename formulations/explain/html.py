"""An explanation as a page: formulas in MathML, which browsers render themselves. The page asks nobody for anything."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from partload.formulations.explain.explanation import Equation, Explanation
from partload.formulations.explain.latex import paragraphs
from partload.instances import extras

STYLE = """
:root { --ink: #1f1f23; --paper: #fffffe; --soft: #5f6368; --line: #d9dbe0; --shade: #f4f5f7; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6ea; --paper: #17181c; --soft: #a2a6ae; --line: #3a3d45; --shade: #202228; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 84rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif;
  color: var(--ink); background: var(--paper); }
h1 { font-size: 1.4rem; } h2 { margin-top: 2rem; font-size: 1.15rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: 0.3rem 0.7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { border-bottom-width: 2px; white-space: nowrap; }
td.where { white-space: nowrap; color: var(--soft); }
td.source { font-size: 0.8rem; min-width: 11rem; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
pre { overflow-x: auto; padding: 0.6rem; background: var(--shade); }
small { color: var(--soft); }
math { font-size: 1.05rem; }
"""
Row = Iterable[tuple[str, str]]
"""Cells of a row, each with its class and its HTML."""


def page(explanation: Explanation) -> str:
    """An HTML document.

    Raises
    ------
    InputError
        When latex2mathml or markdown-it-py is missing.
    """
    name = explanation.head.partition(":")[0]
    body = (
        f"<h1>{escape(explanation.head)}</h1>",
        _markdown(explanation.lesson),
        "<h2>Equations</h2>",
        _table(("", "equation", "for all", "name and meaning", "stated in"), map(_equation, explanation.equations)),
        "<h2>Variables</h2>",
        _table(
            ("variable", "for", "name and meaning"),
            (
                (("", mathml(one.body)), ("where", mathml(one.where)), ("", _named(one.name, one.meaning)))
                for one in explanation.declarations
            ),
        ),
        "<h2>Legend</h2>",
        _table(
            ("symbol", "name", "kind", "meaning", "unit"),
            (
                (
                    ("", mathml(one.symbol)),
                    ("", f"<code>{escape(one.name)}</code>"),
                    ("", one.kind),
                    ("", escape(one.meaning)),
                    ("", escape(one.unit)),
                )
                for one in explanation.legend
            ),
        ),
        f"<p>Sizes for {escape(explanation.instance)}: {escape(str(explanation.sizes))}.</p>",
        *_derivation(explanation.derivation),
    )
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(name)}</title>",
            f"<style>{STYLE}</style></head>",
            "<body>",
            *body,
            "</body>",
            "</html>",
            "",
        )
    )


def mathml(latex: str, *, display: bool = False) -> str:
    """A formula in MathML; raises InputError when latex2mathml is missing."""
    if not latex:
        return ""
    convert = extras.load("latex2mathml.converter", "explain --html").convert
    return str(convert(latex, display="block" if display else "inline"))


def _markdown(text: str) -> str:
    parser = extras.load("markdown_it", "explain --html").MarkdownIt("commonmark", {"html": False}).enable("table")
    return (
        str(parser.render(text)).replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")
    )


def _named(name: str, meaning: str) -> str:
    return f"<code>{escape(name)}</code>" + (f"<br><small>{escape(meaning)}</small>" if meaning else "")


def _equation(one: Equation) -> Row:
    return (
        ("", mathml(one.lead)),
        ("", mathml(rf"\displaystyle {one.body}")),
        ("where", mathml(one.where)),
        ("", _named(one.name, one.meaning)),
        ("source", f"<code>{escape(one.source)}</code>"),
    )


def _table(head: tuple[str, ...], rows: Iterable[Row]) -> str:
    lines = ['<div class="wide"><table><tr>' + "".join(f"<th>{name}</th>" for name in head) + "</tr>"]
    for row in rows:
        cells = (f'<td class="{kind}">{cell}</td>' if kind else f"<td>{cell}</td>" for kind, cell in row)
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "\n".join((*lines, "</table></div>"))


def _derivation(lines: tuple[str, ...]) -> Iterable[str]:
    """The derivation: its text as paragraphs, its mathematics line by line."""
    for is_text, line in paragraphs(lines):
        formula = line.strip().removesuffix(r"\\").replace("&", " ").strip()
        if is_text:
            yield f"<p>{escape(line)}</p>"
        elif not formula.startswith((r"\begin", r"\end")):
            yield f'<div class="wide"><p>{mathml(formula, display=True)}</p></div>'
