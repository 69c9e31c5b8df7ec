"""The report of a gap study: a page that loads nothing else, figures as SVG and PDF, tables as CSV and LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from partload.benchmarks.gap.report import gaps, sweeps
from partload.benchmarks.gap.report.csv_table import render_csv, render_methods_csv
from partload.benchmarks.gap.report.latex import render_methods_latex, render_runs_latex
from partload.benchmarks.gap.report.page import render_page
from partload.benchmarks.gap.report.text import headline, provenance
from partload.benchmarks.gap.rows import Row
from partload.benchmarks.gap.table import contradictions, lines, references, summary
from partload.instances import extras
from partload.instances.errors import InputError

PAGE, TABLE, METHODS = "index.html", "table", "methods"
"""Names of the page, and of the tables of runs and of methods without their endings."""


def prepare(directory: str | Path) -> Path:
    """Make the folder of a report, and check that the libraries for it are installed, before a study takes hours.

    Raises
    ------
    InputError
        When the folder cannot be made, or matplotlib or Jinja2 is missing.
    """
    for library in ("matplotlib", "jinja2"):
        extras.load(library, "a report")
    folder = Path(directory)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make this folder: {error.strerror}", source=str(folder)) from None
    return folder


def write(rows: Sequence[Row], directory: str | Path) -> Path:
    """Write the report of some rows into a folder. The same rows give the same files.

    Parameters
    ----------
    rows
        Rows of a study, in any order. The report has the methods in the order in which they first appear.
    directory
        Folder for ``index.html``, the runs as ``table.csv`` and ``table.tex``, the methods as ``methods.csv`` and
        ``methods.tex``, and a ``.svg`` and a ``.pdf`` for each figure. It is made when it is missing, and files of
        these names are replaced.

    Returns
    -------
    Path of the page.

    Raises
    ------
    InputError
        When a file cannot be written, or matplotlib or Jinja2 is missing.
    """
    folder = prepare(directory)
    found = lines(rows)
    summaries, unshared = summary(found), references(rows, sharing=False)
    figures = [*gaps.figures(found), *sweeps.figures(found, unshared)]
    texts = {figure.name + ".svg": figure.svg for figure in figures}
    texts |= {f"{TABLE}.csv": render_csv(found), f"{TABLE}.tex": render_runs_latex(found)}
    texts |= {f"{METHODS}.csv": render_methods_csv(summaries), f"{METHODS}.tex": render_methods_latex(summaries)}
    texts[PAGE] = render_page(
        found, summaries, headline(found, summaries, unshared), contradictions(rows), provenance(rows), figures
    )
    files = {name: text.encode("utf-8") for name, text in texts.items()}
    files |= {figure.name + ".pdf": figure.pdf for figure in figures}
    for name, content in files.items():
        try:
            (folder / name).write_bytes(content)
        except OSError as error:
            raise InputError(f"cannot write here: {error.strerror}", source=str(folder / name)) from None
    return folder / PAGE
