"""``import-requests`` and ``import-users`` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

import partload
from partload.cli import run
from partload.commands.import_demand import FLAGS

CSV = "id,model,input_bits,distance_m,deadline_s\na,A,8e6,120,30\nb,B,8e6,400,\n"


@pytest.fixture(autouse=True)
def _a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("requests.csv").write_text(CSV)


def test_an_instance_is_made_and_solved(capfd):
    call = ["import-requests", "three-models", "requests.csv", "-o", "mine.json", "--deadline", "40"]
    assert run([*call, "--channel", "power-limited", "--transmit-power", "30"]) == 0
    assert capfd.readouterr().out == "wrote mine.json: 3 models, 2 requests\n"
    made = partload.read("mine.json", partload.Instance)
    assert [r.deadline_s for r in made.requests] == [30, 40]
    assert run(["solve", "mine.json", "--method", "greedy-rate"]) == 0


def test_users(capfd):
    Path("users.csv").write_text("id,models,max_flop_per_s,snr_db,deadline_s\nu,m,1e12,10,9\n")
    assert run(["import-users", "slide-overlap", "users.csv", "-o", "mine.json", "--name", "mine"]) == 0
    assert capfd.readouterr().out == "wrote mine.json: 1 models, 1 users\n"
    assert partload.read("mine.json").name == "mine"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            [],
            "partload: requests.csv: line 3, column 'deadline_s': expected a deadline in seconds, or the option",
        ),
        (["--deadline", "-1"], "partload: --deadline: expected a number of seconds above 0"),
        (["--deadline", "9", "--channel", "round"], "partload: --channel: expected one of flat, power-limited"),
        (["--deadline", "9", "--noise-density", "inf"], "partload: --noise-density: expected a number, got inf"),
    ],
)
def test_one_line_for_a_mistake(options: list[str], expected: str, capfd):
    assert run(["import-requests", "three-models", "requests.csv", "-o", "mine.json", *options]) == 2
    printed = capfd.readouterr()
    assert printed.err.startswith(expected)
    assert (printed.err.count("\n"), printed.out, Path("mine.json").exists()) == (1, "", False)


def test_neither_input_is_overwritten(capfd):
    assert run(["import-requests", "three-models", "requests.csv", "-o", "requests.csv"]) == 2
    assert "would overwrite the input" in capfd.readouterr().err
    assert Path("requests.csv").read_text() == CSV


def test_the_other_problem_is_named_with_its_command(capfd):
    assert run(["import-requests", "slide-overlap", "requests.csv", "-o", "mine.json"]) == 2
    assert "import-users" not in capfd.readouterr().out
    assert run(["import-requests", "-", "-", "-o", "mine.json"]) == 2
    assert "expected the standard input for one of base and table" in capfd.readouterr().err


def test_the_flags_of_errors_are_flags_of_the_command(capfd):
    assert run(["import-requests", "--help"]) == 0
    printed = capfd.readouterr().out
    assert all(flag in printed for flag in FLAGS.values())
    for value in ("[128.1]", "[37.6]", "[23]", "[-174]"):
        assert value in printed
