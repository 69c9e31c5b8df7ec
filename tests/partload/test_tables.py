"""Tables fold: at every width of a terminal all words are whole, and no line is wider than the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import partload
from partload import console, tables
from partload.cli import run

WIDTHS = (60, 80, 120)
COMMANDS = {
    "methods": ["methods"],
    "formulations": ["formulations"],
    "compare": ["formulations", "--compare", "slide-weights", "--time-limit", "2"],
    "library": ["library"],
    "solve": ["solve", "edge-demo"],
    "solve slide": ["solve", "slide-overlap"],
    "check": ["check", "three-models", "wrong.json"],
    "convex": ["check", "three-models", "right.json", "--convex"],
    "convex slide": ["check", "slide-overlap", "slide.json", "--convex"],
    "gap": ["gap", "three-models", "--methods", "greedy-rate,greedy-sharing"],
}
"""Every command that prints a table."""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    partload.write(partload.solve("three-models"), "right.json")
    partload.write(partload.solve("slide-overlap"), "slide.json")
    document = json.loads(Path("right.json").read_text())
    document["slots"][0]["requests"] *= 2
    document["objective"] = 17
    Path("wrong.json").write_text(json.dumps(document))


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[list[tables.Column]]:
    """The columns of all tables that are printed."""
    seen: list[list[tables.Column]] = []
    real = tables.print_table

    def record(columns: list[tables.Column], title: str | None, width: int | None) -> None:
        seen.append(list(columns))
        real(columns, title, width)

    monkeypatch.setattr(tables, "print_table", record)
    return seen


def all_fits(out: str, columns: list[tables.Column], width: int) -> None:
    """Every word of a table is printed as it is, and nothing is wider than the terminal."""
    words = set(out.split())
    for column in columns:
        for text in (column.name, *column.cells):
            assert set(text.split()) <= words, text
    rules = [line for line in out.splitlines() if "─" in line]
    assert rules
    assert max(map(len, rules)) <= width


@pytest.mark.usefixtures("files")
def test_the_tables_of_all_commands_fold(printed, capfd):
    for words in COMMANDS.values():
        seen = len(printed)
        assert run(words) in (0, 1)
        assert len(printed) > seen, "it prints a table"
    capfd.readouterr()
    for columns in tuple(printed):
        for width in WIDTHS:
            tables.print_table(columns, "title", width)
            all_fits(capfd.readouterr().out, columns, width)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_command_prints_to_the_width_of_its_terminal(width: int, printed, monkeypatch: pytest.MonkeyPatch, capfd):
    monkeypatch.setattr(console, "_width", lambda columns: width)
    assert run(["solve", "edge-demo"]) == 0
    all_fits(capfd.readouterr().out, printed[0], width)


def test_columns_that_do_not_fit_follow_below_with_the_first_column_again():
    columns = tables.columns_of(("name", "number>", "text"), [("a-long-name", "12345678", "three words here")])
    wide, narrow = tables.folded(columns, 80), tables.folded(columns, 32)
    assert [[column.name for column, _ in group] for group in wide] == [["name", "number", "text"]]
    assert [[column.name for column, _ in group] for group in narrow] == [["name", "number"], ["name", "text"]]
    assert [size for _, size in wide[0]] == [11, 8, 16], "no wider than the text"


def test_a_column_of_text_takes_what_is_left():
    long = "word " * 40
    (group,) = tables.folded(tables.columns_of(("name", "text"), [("a", long)]), 50)
    assert [size for _, size in group] == [4, 39]


def test_a_word_that_is_longer_than_the_line_is_broken_and_nothing_is_lost(capfd):
    tables.print_table(tables.columns_of(("name", "hash"), [("x" * 30, "y" * 64)]), None, 40)
    out = capfd.readouterr().out
    assert (out.count("x"), out.count("y")) == (30, 64)
    assert max(map(len, out.splitlines())) <= 40
