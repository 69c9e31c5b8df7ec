"""The progress line, tables and numbers that the commands print."""

from __future__ import annotations

import io
import sys
import threading

import pytest

from partload import console
from partload.solvers.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_progress_line_shows_each_report_and_disappears(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    threads = threading.active_count()
    with console.progress_line() as report:
        assert report is not None
        report(Progress(3.2, 17.0, 20.0))
        report(Progress(4.2, None, None))
        assert threading.active_count() == threads, "no thread runs beside the solvers"
    written = terminal.getvalue()
    assert "3 s   incumbent 17   bound 20   gap 15.00%" in written
    assert "4 s   incumbent -   bound -   gap -" in written
    assert written.rpartition("gap -")[2].count("\x1b[2K") >= 1, "the line is erased at the end"


def test_the_progress_line_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]):
    with console.progress_line() as report:
        assert report is None
    assert capsys.readouterr() == ("", "")


def test_names_that_do_not_fit_are_counted():
    assert console.listed(["a", "b", "c"]) == "a, b, c"
    assert console.listed(["first", "second", "third"], width=12) == "first, +2"
    assert console.listed(["a name that is longer than the width"], width=5) == "a name that is longer than the width"
