"""The report of a gap study: one page that needs nothing else, its figures as SVG, its table as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from partload.benchmarks.gap.report import gaps, sweeps
from partload.benchmarks.gap.report.page import page
from partload.benchmarks.gap.report.sheet import sheet
from partload.benchmarks.gap.report.words import headline, made_with
from partload.benchmarks.gap.rows import Row
from partload.benchmarks.gap.table import contradictions, lines, references, summary
from partload.instances import extras
from partload.instances.errors import InputError

PAGE, TABLE = "index.html", "table.csv"


def prepare(directory: str | Path) -> Path:
    """Make the folder of a report, before hours are spent on what goes into it.

    Raises
    ------
    InputError
        When the folder cannot be made, or matplotlib is missing.
    """
    extras.load("matplotlib", "a report")
    folder = Path(directory)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make this folder: {error.strerror}", source=str(folder)) from None
    return folder


def write(rows: Sequence[Row], directory: str | Path) -> Path:
    """Write the report of some rows into a folder, which is made when it is missing; the same rows give the same files.

    Parameters
    ----------
    rows
        Of a study, in any order; methods are shown in the order in which they first appear.
    directory
        Gets ``index.html``, ``table.csv`` and a ``.svg`` for each figure; files of these names are replaced.

    Returns
    -------
    The page.

    Raises
    ------
    InputError
        When a file cannot be written, or matplotlib is missing.
    """
    folder = prepare(directory)
    found = lines(rows)
    summaries, unshared = summary(found), references(rows, sharing=False)
    figures = [*gaps.figures(found), *sweeps.figures(found, unshared)]
    said = headline(found, summaries, unshared)
    files = {figure.name + ".svg": figure.svg for figure in figures}
    files[TABLE] = sheet(found)
    files[PAGE] = page(found, summaries, said, contradictions(rows), made_with(rows), figures)
    for name, text in files.items():
        try:
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise InputError(f"cannot write here: {error.strerror}", source=str(folder / name)) from None
    return folder / PAGE
