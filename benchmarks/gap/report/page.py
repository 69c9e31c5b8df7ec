"""The page of a report: one HTML file that loads nothing else. It can be read without its script.

The page is a Jinja2 template with autoescape. Names come from other people's instances and heuristics: the template
escapes every text but those that this module marks as safe.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING

from partload.benchmarks.gap.report import plans
from partload.benchmarks.gap.report.style import ReportFigure, inline_svg
from partload.benchmarks.gap.report.tables import METHOD_COLUMNS, method_row, run_cells, run_columns
from partload.benchmarks.gap.report.text import DEFINITIONS, UNSHARED, counted, escape_invisible
from partload.benchmarks.gap.rows import Row
from partload.benchmarks.gap.table import Line, MethodSummary
from partload.instances import extras

if TYPE_CHECKING:
    from jinja2 import Environment

TITLE = "Gap study"
TEMPLATE = "page.html.jinja"


def render_page(
    lines: Sequence[Line],
    summaries: Sequence[MethodSummary],
    headline: Sequence[str],
    contradictions: Sequence[str],
    provenance: Sequence[str],
    figures: Sequence[ReportFigure],
) -> str:
    """Render the HTML document.

    Parameters
    ----------
    lines, summaries
        Rows of the two tables.
    headline
        Sentences with the results, at least one.
    contradictions
        Contradictions between rows. They stand above everything else.
    provenance
        Sentences on the versions that made the rows.
    figures
        Figures in their order on the page.

    Raises
    ------
    InputError
        When Jinja2 is missing.
    """
    environment = _environment()
    from markupsafe import Markup

    rows = [line.row for line in lines]
    with_sharing = not all(line.sharing for line in lines)
    return environment.get_template(TEMPLATE).render(
        title=TITLE,
        css=Markup(_read("page.css")),
        script=Markup(_read("page.js")),
        headline=headline,
        contradictions=contradictions,
        definitions=(*DEFINITIONS, UNSHARED) if with_sharing else DEFINITIONS,
        method_columns=METHOD_COLUMNS,
        methods=map(method_row, summaries),
        figures=[dataclasses.replace(figure, svg=Markup(inline_svg(figure))) for figure in figures],
        about_plans=_about_plans(rows),
        run_columns=run_columns(lines, with_sharing=with_sharing),
        runs=(run_cells(line, with_sharing=with_sharing) for line in lines),
        provenance=provenance,
        plans=Markup(plans.document(rows)),
    )


def _environment() -> Environment:
    jinja2 = extras.load("jinja2", "a report")
    environment: Environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment


def _finalize(output: object) -> object:
    """Make the invisible characters of a text visible, before autoescape. A safe text is of a subclass, and stays."""
    return escape_invisible(output) if type(output) is str else output


def _read(name: str) -> str:
    return (resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")


def _about_plans(rows: Sequence[Row]) -> str:
    """How to open a plan, and how many plans the page has only a part of."""
    slots, users = plans.slot_limit(rows), plans.user_limit(rows)
    longer = sum((row.slots or len(row.bars)) > slots for row in rows if row.bars)
    wider = sum((row.served or 0) > len(row.lanes[:users]) for row in rows if row.lanes)
    sentences = ["The number of a row opens its plan."]
    if longer:
        sentences.append(f"Of {counted(longer, 'plan')}, only the first {counted(slots, 'slot')} are in this page.")
    if wider:
        sentences.append(f"Of {counted(wider, 'plan')}, only the first users are in this page.")
    return " ".join(sentences)
