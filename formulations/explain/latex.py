"""An explanation as LaTeX: the equations with all text as comments, or a document of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from partload.formulations.explain.explanation import Declaration, Equation, Explanation

SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {
    letter: f"\\{letter}" for letter in "&%$#_{}"
}
PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage[a4paper, landscape, margin=15mm]{geometry}
\usepackage{amsmath, amssymb, longtable}
\allowdisplaybreaks
\setlength{\parindent}{0pt}
\begin{document}"""


def fragment(explanation: Explanation) -> str:
    """The lesson, the equations, the legend, the sizes and the derivation: LaTeX, with all text as comments."""
    return "\n".join(
        (
            *_comment(explanation.head),
            "%",
            *_comment(explanation.lesson),
            "",
            *_aligned(map(_equation, explanation.equations)),
            *_aligned(map(_declaration, explanation.declarations)),
            "% symbol | name | meaning | unit",
            *(f"% ${one.symbol}$ | {one.name} | {one.meaning} | {one.unit}" for one in explanation.legend),
            "%",
            "% equation | stated in",
            *(f"% {one.name} | {one.source}" for one in explanation.equations),
            "%",
            f"% sizes for {explanation.instance}: {explanation.sizes}",
            "",
            *explanation.derivation,
        )
    )


def document(explanation: Explanation) -> str:
    """A document that LaTeX compiles, with the packages amsmath, amssymb, geometry and longtable."""
    lines = (
        PREAMBLE,
        rf"\section*{{{escaped(explanation.head)}}}",
        r"\begin{verbatim}",
        explanation.lesson.replace(r"\end{verbatim}", ""),
        r"\end{verbatim}",
        r"\subsection*{Equations}",
        *_tagged(explanation.equations),
        r"\subsection*{Variables}",
        *_tagged(explanation.declarations),
        r"\subsection*{Legend}",
        *_table(
            "lllp{120mm}l",
            ("symbol", "name", "kind", "meaning", "unit"),
            (
                (f"${one.symbol}$", _code(one.name), one.kind, escaped(one.meaning), escaped(one.unit))
                for one in explanation.legend
            ),
        ),
        r"\subsection*{Where each equation is stated}",
        *_table(
            "lp{100mm}l",
            ("equation", "meaning", "file and line"),
            ((_code(one.name), escaped(one.meaning), _code(one.source)) for one in explanation.equations),
        ),
        rf"Sizes for {escaped(explanation.instance)}: {escaped(str(explanation.sizes))}.",
        "",
        *_spoken(explanation.derivation),
        r"\end{document}",
        "",
    )
    return "\n".join(lines)


def escaped(text: str) -> str:
    """A text as LaTeX sets it."""
    return "".join(SPECIAL.get(letter, letter) for letter in text)


def _code(text: str) -> str:
    return rf"\texttt{{{escaped(text)}}}"


def _comment(text: str) -> list[str]:
    return [f"% {line}".rstrip() for line in text.splitlines()]


def _label(name: str, meaning: str) -> str:
    return f"% {name}" + (f": {meaning}" if meaning else "")


def _equation(one: Equation) -> tuple[str, str]:
    lead = f"{one.lead}\\quad " if one.lead else " "
    where = rf" && \forall\, {one.where}" if one.where else ""
    return _label(one.name, one.meaning), rf"{lead}& {one.body}{where} \\"


def _declaration(one: Declaration) -> tuple[str, str]:
    return _label(one.name, one.meaning), f"& {one.body}" + (f" && {one.where}" if one.where else "") + r" \\"


def _aligned(pairs: Iterator[tuple[str, str]]) -> Iterator[str]:
    """Lines of mathematics, each below its label."""
    yield r"\begin{align*}"
    for label, line in pairs:
        yield label
        yield line
    yield r"\end{align*}"


def _tagged(parts: Sequence[Equation | Declaration]) -> Iterator[str]:
    """Lines of mathematics with their names as tags."""
    yield r"\begin{align}"
    for number, one in enumerate(parts):
        lead, quantor = (f"{one.lead}\\quad ", r"\forall\, ") if isinstance(one, Equation) else ("", "")
        where = f" && {quantor}{one.where}" if one.where else ""
        end = r" \\" if number < len(parts) - 1 else ""
        yield rf"{lead}& {one.body}{where} \tag*{{{_code(one.name)}}}{end}"
    yield r"\end{align}"


def _table(columns: str, head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield rf"\begin{{longtable}}{{{columns}}}"
    yield " & ".join(rf"\textbf{{{name}}}" for name in head) + r" \\"
    yield r"\endhead"
    for row in rows:
        yield " & ".join(row) + r" \\"
    yield r"\end{longtable}"


def paragraphs(lines: tuple[str, ...]) -> Iterator[tuple[bool, str]]:
    """The parts of a derivation: whether each is text, and the text, or a line of LaTeX."""
    text: list[str] = []
    for line in (*lines, ""):
        if line.startswith("%"):
            text.append(line.removeprefix("%").strip())
            continue
        if text:
            yield True, " ".join(text)
            text = []
        if line:
            yield False, line


def _spoken(lines: tuple[str, ...]) -> Iterator[str]:
    """A derivation with its comments as text, also within an alignment."""
    aligned = False
    for is_text, line in paragraphs(lines):
        if is_text:
            yield rf"\intertext{{{escaped(line)}}}" if aligned else f"{escaped(line)}\n"
        else:
            aligned = line.startswith(r"\begin") or (aligned and not line.startswith(r"\end"))
            yield line
