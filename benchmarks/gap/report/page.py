"""The page of a report: one file that needs nothing else, with a script that it can do without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources

from partload.benchmarks.gap.report import plans
from partload.benchmarks.gap.report.look import Drawn, inlined
from partload.benchmarks.gap.report.words import DEFINITIONS, UNSHARED, asking, counted, percent, visible
from partload.benchmarks.gap.rows import Row
from partload.benchmarks.gap.table import Gaps, Line, MethodSummary, value

TITLE = "Gap study"
METHOD_COLUMNS = (
    ("method", "as asked for"),
    ("limit [s]", "time limit of each run"),
    ("runs", "all, whatever came of them"),
    ("plans", "runs that ended with a plan, be it an empty one"),
    ("proved", "runs that proved their own plan to be optimal"),
    ("at optimum", "plans that serve the proved optimum of the instance itself"),
    ("mean gap", "over the plans on instances whose optimum is proved"),
    ("median", "over the same"),
    ("worst", "over the same"),
    ("of plans", "how many those are"),
    ("mean to bound", "over the plans on instances where there is only a bound: the true gap is at most this"),
    ("worst to bound", "over the same"),
    ("of plans", "how many those are"),
    ("mean time [s]", "over the runs with a plan"),
    ("refused", "the method does not cover the instance"),
    ("failed", "it raised, crashed, took too much memory or did not stop"),
    ("infeasible", "its plan breaks a rule"),
)


def page(
    lines: Sequence[Line],
    summaries: Sequence[MethodSummary],
    said: Sequence[str],
    wrong: Sequence[str],
    made: Sequence[str],
    figures: Sequence[Drawn],
) -> str:
    """The HTML document.

    Parameters
    ----------
    lines, summaries
        What goes into the tables.
    said
        The headline.
    wrong
        Contradictions between rows, which stand above everything else.
    made
        What the rows were made with.
    figures
        In their order.
    """
    rows = [line.row for line in lines]
    unshared = not all(line.sharing for line in lines)
    definitions = (*DEFINITIONS, UNSHARED) if unshared else DEFINITIONS
    parts = [
        f"<h1>{TITLE}</h1>",
        *(f'<p class="wrong" role="alert"><strong>Contradiction.</strong> {_text(one)}</p>' for one in wrong),
        *(f'<p class="{"" if n else "lead"}">{_text(one)}</p>' for n, one in enumerate(said)),
        "<details><summary>What the words mean</summary><dl>",
        *(f"<dt>{_text(word)}</dt><dd>{_text(meaning)}</dd>" for word, meaning in definitions),
        "</dl></details>",
        "<h2>Methods</h2>",
        _table("methods", METHOD_COLUMNS, (_method_row(part) for part in summaries)),
        '<div class="figures">',
        *(_figure(figure) for figure in figures),
        "</div>",
        "<h2>Runs</h2>",
        f'<p>The same as <a href="table.csv">table.csv</a>, with more columns. {_about_plans(rows)}</p>',
        _table("runs", _columns(rows, unshared), (_run_row(n, line, unshared) for n, line in enumerate(lines, 1))),
        "<h2>Made with</h2>",
        *(f"<p>{_text(one)}</p>" for one in made),
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{TITLE}: {_text(said[0])}</title>",
            f"<style>\n{_own('page.css')}</style>",
            "</head>",
            "<body>",
            "<main>",
            *parts,
            "</main>",
            f'<script type="application/json" id="plans">{plans.document(rows)}</script>',
            f"<script>\n{_own('page.js')}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _own(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def _text(text: str) -> str:
    """Text as a part of the page."""
    return escape(visible(text))


def _columns(rows: Sequence[Row], unshared: bool) -> list[tuple[str, str]]:
    """Columns of the table of runs; ``unshared`` where some are on copies without sharing."""
    return [
        ("row", "a link that opens the plan"),
        ("instance", ""),
        *([("sharing", "no: on the copy without sharing")] if unshared else []),
        ("method", "as asked for"),
        ("status", ""),
        ("served", f"{asking(rows)} served, of all"),
        ("weight", "weight served"),
        ("reference", "optimum, or a bound after ≤"),
        ("gap", "(reference - weight) / reference"),
        ("time [s]", "of the whole run"),
        ("memory [MB]", "the most that its processes held"),
        ("what ran, or went wrong", ""),
    ]


def _about_plans(rows: Sequence[Row]) -> str:
    slots, users = plans.kept(rows), plans.users_kept(rows)
    longer = sum((row.slots or len(row.bars)) > slots for row in rows if row.bars)
    wider = sum((row.served or 0) > len(row.lanes[:users]) for row in rows if row.lanes)
    said = "The number of a row opens its plan."
    if longer:
        said += f" Of {counted(longer, 'plan')}, only the first {counted(slots, 'slot')} are in this page."
    if wider:
        said += f" Of {counted(wider, 'plan')}, only the first users are in this page."
    return said


def _table(name: str, columns: Iterable[tuple[str, str]], rows: Iterable[str]) -> str:
    heads = "".join(
        f'<th scope="col"{f""" title="{_text(hint)}" """.rstrip() if hint else ""}>{_text(head)}</th>'
        for head, hint in columns
    )
    body = "\n".join(rows)
    table = f'<table id="{name}">\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'
    return f'<div class="wide">{table}</div>'


def _cell(text: str, sort_by: float | None = None, look: str = "") -> str:
    """A cell; one that is to be sorted by a number says which."""
    key = f' data-v="{sort_by!r}"' if sort_by is not None else ""
    kind = f' class="{look}"' if look else ""
    return f"<td{kind}{key}>{text}</td>"


def _number(number: float | None, written: str | None = None) -> str:
    """A cell with a number, empty without one."""
    return _cell("", None, "n") if number is None else _cell(written or f"{number:.10g}", number, "n")


def _share(share: float | None) -> str:
    return _number(share, None if share is None else _text(percent(share)))


def _seconds(time_s: float | None) -> str:
    return _number(time_s, None if time_s is None else f"{time_s:.3g}" if time_s >= 0.001 else "&lt; 0.001")


def _gaps(gaps: Gaps, *parts: str) -> str:
    return "".join(_share(getattr(gaps, part)) for part in parts) + _number(gaps.count)


def _method_row(part: MethodSummary) -> str:
    name = _text(part.method) + ("" if part.sharing else ' <span class="soft">without sharing</span>')
    counts = (part.runs, part.plans, part.proved, part.at_optimum)
    bad = (part.refused, part.failed, part.infeasible)
    cells = [
        f'<th scope="row">{name}</th>',
        _number(part.time_limit_s),
        *map(_number, counts),
        _gaps(part.to_optimum, "mean", "median", "worst"),
        _gaps(part.to_bound, "mean", "worst"),
        _seconds(part.mean_time_s),
        *(_cell(str(count), count, "n bad" if count else "n") for count in bad),
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _run_row(number: int, line: Line, unshared: bool) -> str:
    row, reference = line.row, line.reference
    served = "" if row.served is None else f"{row.served} of {row.requests}"
    seed = "" if row.asked.seed is None else f"seed {row.asked.seed}"
    ran = ", ".join(part for part in (row.method, row.formulation, row.solver, row.termination, seed) if part)
    bad = value(row) is None
    known = (
        _cell("", None, "n")
        if reference is None
        else f'<td class="n {reference.kind}" data-v="{reference.value!r}" title="{_text(reference.source)}">'
        f"{'≤ ' if reference.kind == 'bound' else ''}{reference.value:.10g}</td>"
    )
    cells = [
        f'<td data-v="{number}"><a href="#row-{number}">{number}</a></td>',
        _cell(_text(line.row.asked.instance), None, "name"),
        *([_cell("yes" if line.sharing else "no")] if unshared else []),
        _cell(_text(line.label), None, "name"),
        _cell(row.status, None, "bad" if bad else row.status),
        _number(row.served, served),
        _number(value(row)),
        known,
        _share(line.gap),
        _seconds(row.total_s),
        _number(row.peak_bytes, None if row.peak_bytes is None else f"{row.peak_bytes / 1e6:.0f}"),
        _cell(_text(row.reason or ran), None, "why"),
    ]
    return f'<tr id="row-{number}">{"".join(cells)}</tr>'


def _figure(figure: Drawn) -> str:
    return (
        f'<figure id="{_text(figure.name)}"><h2>{_text(figure.title)}</h2><div class="wide">{inlined(figure)}</div>'
        f"<figcaption>{_text(figure.caption)}</figcaption></figure>"
    )
