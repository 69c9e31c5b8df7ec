"""The parts of the page as HTML: sliders, charts, the table of measures, the formulation.

The templates escape every text. Names come from other people's instances.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from partload.benchmarks import palette
from partload.benchmarks.gap.report.text import escape_invisible
from partload.explore import chart
from partload.explore.exploration import exploration_of
from partload.explore.moves import Verdict
from partload.explore.panels import Panel, Role
from partload.instances import extras, library
from partload.instances.problems import PROBLEMS
from partload.instances.records import AnyInstance
from partload.instances.solution import SolutionHeader

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = "page"
SCRIPTS = ("questions.js", "laboratory.js", "dragging.js", "explore.js")
"""In the order in which they run."""
PALETTE = {
    "load": palette.BLUE,
    "upload": palette.ORANGE,
    "batch": palette.GREEN,
    "deadline": palette.VERMILION,
    "download-next": palette.tint(palette.BLUE, 0.5),
    "compute-next": palette.tint(palette.GREEN, 0.5),
}
"""Colours of the style sheet."""
DARK = {"load": "#6d87d3", "deadline": "#c2410c"}
"""Colours in dark mode, where those of light mode would be hard to see."""
MOST_BYTES = 40_000
"""Largest file of a shipped instance that the page offers: of larger ones nobody could look at the schedule."""


@cache
def environment() -> Environment:
    """The templates; raises InputError when Jinja2 is missing."""
    jinja2 = extras.load("jinja2", "explore")
    made: Environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__, FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda output: escape_invisible(output) if type(output) is str else output,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return made


def fragment(template: str, **values: object) -> str:
    """A template of the folder with its values."""
    return environment().get_template(template).render(**values)


def style_sheet() -> str:
    """The style sheet of the page, with the colours of all pictures."""
    colours = {"palette": PALETTE, "in_dark": DARK, "dark": palette.DARK}
    return fragment("explore.css.jinja", ink=palette.INK, paper=palette.PAPER, **colours)


def charts(panels: Sequence[Panel]) -> dict[str, str]:
    """The chart of each panel by its role, on one axis, and their ``measures`` as a table."""
    whole = panels[0].instance
    rows = [exploration_of(whole).rows(panel.instance, panel.solution, whole) for panel in panels]
    horizon = chart.horizon_s(rows)
    drawn = {
        panel.role: _chart(panel.role, panel.title, panel.instance, panel.solution, shown, horizon)
        for panel, shown in zip(panels, rows)
    }
    return drawn | {"measures": fragment("measures.html.jinja", panels=panels)}


def moved_chart(role: Role, verdict: Verdict) -> str:
    """The chart of a plan that was changed by hand, on an axis of its own, with the verdict of the checker."""
    rows = exploration_of(verdict.instance).rows(verdict.instance, verdict.solution, verdict.whole)
    horizon = chart.horizon_s([rows])
    return _chart(role, "Your plan", verdict.instance, verdict.solution, rows, horizon, verdict)


def _chart(
    role: Role,
    title: str,
    instance: AnyInstance,
    solution: SolutionHeader,
    rows: Sequence[chart.Row],
    horizon: float,
    verdict: Verdict | None = None,
) -> str:
    exploration = exploration_of(instance)
    served = {chip.id for row in rows for chip in row.chips}
    return fragment(
        "chart.html.jinja",
        role=role,
        title=title,
        rows=rows,
        horizon=horizon,
        width=chart.WIDTH,
        ticks=chart.ticks(horizon),
        unserved=[exploration.chip(instance, one.id) for one in instance.demand if one.id not in served],
        served=len(served),
        asked=len(instance.demand),
        new_row=exploration.new_row,
        verdict=verdict,
    )


def page(start: object, *, served: bool = True, pages: Mapping[str, str] | None = None) -> str:
    """The page around the parts, which its script fills in.

    Parameters
    ----------
    start
        What the script begins with, as JSON.
    served
        Whether there is a server to ask; without one, ``start`` has all answers.
    pages
        Other pages without a server, by the name of their instance.
    """
    from markupsafe import Markup

    text = json.dumps(start, ensure_ascii=True).replace("<", r"\u003c")
    places = {"offered": offered(), "pages": pages or {}, "scripts": SCRIPTS}
    return fragment("page.html.jinja", start=Markup(text), served=served, **places)


def script(name: str) -> str:
    """One of the ``SCRIPTS``."""
    return (resources.files(__package__) / FOLDER / name).read_text(encoding="utf-8")


@cache
def offered() -> Mapping[str, list[str]]:
    """Names of the shipped instances that one can look at, by their problem."""
    return {
        problem.name: [
            name for name in library.names(problem.package) if library.path(name).stat().st_size < MOST_BYTES
        ]
        for problem in PROBLEMS
    }
