"""Instances, solutions and studies as HTML for notebooks: key numbers, the picture of a plan, the table of a study.

The HTML has the colours of the notebook, loads nothing, and stays small however large the record is. Everything that a
file can name is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from partload import console
from partload.benchmarks.gap.study import Study
from partload.instances import library
from partload.instances.errors import InputError
from partload.instances.problems import is_instance, is_solution, problem_of
from partload.instances.serialisation import sha256
from partload.instances.showing import remembered
from partload.views import view_of
from partload.views.study import METHOD_COLUMNS, method_cells

if TYPE_CHECKING:
    from partload.instances.records import AnyInstance
    from partload.instances.solution import SolutionHeader
    from partload.plots.picture import Picture

MOST_BARS = 600
"""Bars beyond which a plan is not drawn."""
MOST_METHODS = 50
"""Methods of a study beyond which the rest is counted."""
MOST_NOTES = 5
MOST_LETTERS = 200
"""Of one text."""
LEFT, RIGHT = "text-align: left; vertical-align: top", "text-align: right; vertical-align: top"


def html(record: object) -> str:
    """An instance, a solution or a study as HTML."""
    if isinstance(record, Study):
        return _study(record)
    if is_solution(record):
        return _solution(record)
    if is_instance(record):
        return _instance(record)
    return f"<pre>{_text(repr(record))}</pre>"


def _instance(instance: AnyInstance) -> str:
    view, problem = view_of(instance), problem_of(instance)
    rules = view.features(instance)
    facts = [*view.facts(instance), *([] if rules == "-" else [("rules", rules)])]
    if instance.description:
        facts.append(("description", instance.description))
    return _block(f"{problem.name} {instance.name!r}", _facts(facts))


def _solution(solution: SolutionHeader) -> str:
    problem = problem_of(solution)
    served = sum(problem.served(part) for part in solution.plan())
    made = " / ".join(part for part in (solution.method, solution.formulation, solution.solver) if part)
    took = f" in {console.seconds(solution.timing.total_s)}" if solution.timing and solution.timing.total_s else ""
    numbers = {
        "served": f"{served} {problem.demand_name}",
        "objective": console.number(solution.objective),
        "bound": console.number(solution.bound),
        "gap": console.percent(solution.gap),
        "by": made + took,
    }
    facts = [(name, text) for name, text in numbers.items() if text not in ("", "-")]
    facts += view_of(solution).notes(solution)
    facts += [("warning", text) for name, text in (solution.provenance or {}).items() if name == "warning"]
    title = f"solution of {solution.instance!r}: {solution.status or 'not judged'}"
    return _block(title, _facts(facts), _picture(solution))


def _picture(solution: SolutionHeader) -> str:
    """The schedule as an SVG element, or a line that says why there is none."""
    from partload.plots.picture import module_for

    bars = view_of(solution).bars(solution)
    if bars > MOST_BARS:
        return _line(f"No picture here of more than {MOST_BARS} bars: partload.plot(solution, 'plan.svg') draws it.")
    try:
        picture: Picture = module_for(solution, "gantt").picture([(solution, _instance_of(solution))])
        return picture.inline()
    except InputError as error:
        return _line(f"No picture: {error}")


def _instance_of(solution: SolutionHeader) -> AnyInstance | None:
    """The very instance that was solved, if it is still in use or one of the library."""
    digest = solution.instance_sha256
    if digest is None:
        return None
    known = remembered(digest)
    if known is None and solution.instance in library.names():
        shipped = library.load(solution.instance)
        known = shipped if sha256(shipped) == digest else None
    return known


def _study(study: Study) -> str:
    from partload.benchmarks.gap import table

    methods = table.summary(study.lines())
    parts = [_grid(METHOD_COLUMNS, map(method_cells, methods[:MOST_METHODS]))]
    if len(methods) > MOST_METHODS:
        parts.append(_line(f"and {len(methods) - MOST_METHODS} more methods: study.to_pandas() has all runs"))
    notes = [*table.contradictions(study.rows), *study.notes]
    parts += [_line(note) for note in notes[:MOST_NOTES]]
    if len(notes) > MOST_NOTES:
        parts.append(_line(f"and {len(notes) - MOST_NOTES} more notes"))
    instances = {row.asked.instance_sha256 for row in study.rows if row.asked.sharing}
    return _block(f"study: {len(study.rows)} of {study.planned} runs, {len(instances)} instances", *parts)


def _block(title: str, *parts: str) -> str:
    return "\n".join((f"<div><strong>{_text(title)}</strong>", *parts, "</div>"))


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    rows = (
        f'<tr><th scope="row" style="{LEFT}">{_text(name)}</th><td style="{LEFT}">{_text(text)}</td></tr>'
        for name, text in facts
    )
    return f"<table>{''.join(rows)}</table>"


def _grid(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a column whose name ends with ``>`` is aligned to the right."""
    sides = [RIGHT if column.endswith(">") else LEFT for column in columns]
    head = _row("th", (name.removesuffix(">") for name in columns), sides)
    body = "".join(_row("td", row, sides) for row in rows)
    return f'<div style="overflow-x: auto"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>'


def _row(tag: str, cells: Iterable[str], sides: Iterable[str]) -> str:
    row = (f'<{tag} style="{side}">{_text(cell)}</{tag}>' for cell, side in zip(cells, sides))
    return f"<tr>{''.join(row)}</tr>"


def _line(text: str) -> str:
    return f"<p>{_text(text)}</p>"


def _text(text: str) -> str:
    """A text as HTML shows it, cut short."""
    return escape(text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…")
