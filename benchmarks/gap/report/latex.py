r"""The tables of a study in LaTeX, for a paper: the methods, and the runs. They need the package booktabs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from partload.benchmarks.gap.table import Gaps, Line, MethodSummary, value

SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: "\\" + character for character in "&%$#_{}"},
}
"""Characters that LaTeX reads as commands, and what prints them."""


def render_methods_latex(summaries: Sequence[MethodSummary]) -> str:
    """The table of methods: runs, plans at the optimum, gaps to the optimum and to bounds in percent, mean time."""
    bounds = any(summary.to_bound.count for summary in summaries)
    head = ["method", "runs", "proved", "optimal", "mean gap [\\%]", "worst [\\%]"]
    head += ["mean to bound [\\%]"] if bounds else []
    rows = []
    for summary in summaries:
        name = summary.method if summary.sharing else f"{summary.method}, without sharing"
        cells = [escaped(name), str(summary.runs), str(summary.proved), str(summary.at_optimum)]
        cells += [*_percents(summary.to_optimum)]
        cells += [_percent(summary.to_bound.mean)] if bounds else []
        rows.append([*cells, _seconds(summary.mean_time_s)])
    return _tabular([*head, "mean time [s]"], rows, texts=1)


def render_runs_latex(lines: Sequence[Line]) -> str:
    """The table of runs: weight served, the optimum or, after a sign, a bound; gap in percent, seconds."""
    rows = []
    for line in lines:
        name = line.label if line.sharing else f"{line.label}, without sharing"
        reference, sign = "", ""
        if line.reference is not None:
            sign = r"$\leq$ " if line.reference.kind == "bound" else ""
            reference = f"{sign}{line.reference.value:g}"
        served = value(line.row)
        weight = line.row.status if served is None else f"{served:g}"
        cells = (line.row.asked.instance, name, weight)
        rows.append([*map(escaped, cells), reference, _percent(line.gap), _seconds(line.row.total_s)])
    return _tabular(["instance", "method", "weight", "reference", "gap [\\%]", "time [s]"], rows, texts=2)


def escaped(text: str) -> str:
    """A text that LaTeX prints as it stands; line breaks and other control characters become spaces."""
    return "".join(SPECIAL.get(character, character if character.isprintable() else " ") for character in text)


def _tabular(head: Sequence[str], rows: Iterable[Sequence[str]], texts: int) -> str:
    """A table of ``texts`` columns of text and then numbers, with the rules of booktabs."""
    columns = "l" * texts + "r" * (len(head) - texts)
    body = [" & ".join(row) + r" \\" for row in rows]
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", " & ".join(head) + r" \\", r"\midrule"]
    return "\n".join([*lines, *body, r"\bottomrule", r"\end{tabular}", ""])


def _percents(gaps: Gaps) -> tuple[str, str]:
    return _percent(gaps.mean), _percent(gaps.worst)


def _percent(share: float | None) -> str:
    return "--" if share is None else f"{100 * share:.2f}"


def _seconds(seconds: float | None) -> str:
    return "--" if seconds is None else f"{seconds:.3g}"
