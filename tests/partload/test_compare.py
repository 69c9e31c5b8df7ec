"""``partload formulations --compare``: what each formulation of an instance is worth."""

from __future__ import annotations

import pytest

from partload.benchmarks.formulations import compare
from partload.cli import run
from partload.formulations import FORMULATIONS
from partload.instances.errors import InputError
from partload.instances.library import load
from tests.support import brute_force, brute_force_slide


@pytest.mark.parametrize("name", ["three-models", "static-band", "slide-weights"])
def test_every_formulation_has_a_row_and_exact_ones_reach_the_optimum(name):
    instance = load(name)
    slide = name.startswith("slide")
    best, _ = (brute_force_slide if slide else brute_force).optimum(instance)
    mine = {one.name: one for one in FORMULATIONS if one.problem == ("slide" if slide else "partial-loading")}
    rows = list(compare(instance))
    assert [row.formulation for row in rows] == list(mine)
    for row in rows:
        formulation = mine[row.formulation]
        missing = formulation.unsupported(instance)
        if missing:
            assert row.end == f"does not cover {', '.join(missing)}"
            assert row.rows is None
            continue
        assert row.end == "proved"
        assert min(row.rows, row.columns, row.nonzeros, row.seconds) > 0
        assert row.bound >= best
        if formulation.kind == "exact":
            assert (row.objective, row.bound) == (best, best)
        assert (row.lp_value is None) == (not formulation.linear)
        if row.lp_value is not None:
            assert row.lp_value >= best - 1e-6


def test_the_slot_formulation_is_built_with_the_tightenings_asked_for():
    instance = load("backbone-small")
    all_of_them, none, two = (next(compare(instance, chosen)) for chosen in (None, (), ("slots", "merge")))
    assert all_of_them.lp_value == pytest.approx(4.777778, abs=1e-4)
    assert none.lp_value == pytest.approx(7.333333, abs=1e-4)
    assert two.columns < none.columns
    assert all_of_them.objective == none.objective == two.objective == brute_force.optimum(instance)[0]


def test_at_the_time_limit_what_is_known_is_kept():
    row = next(compare(load("general-20x100"), time_limit=1))
    assert row.end == "time-limit"
    assert row.rows is not None
    assert row.seconds < 6


@pytest.mark.parametrize(
    ("name", "tightenings", "expected"),
    [
        ("three-models", ("order", "cuts"), "expected some of slots, order, .*none, got 'cuts'"),
        ("general-small-static", ("order",), "'slot' does not cover uplink 'static', and no other has"),
        ("slide-weights", (), "'slot' does not cover slide, and no other has"),
    ],
)
def test_tightenings_that_nothing_has_are_refused(name, tightenings, expected):
    with pytest.raises(InputError, match=expected):
        next(compare(load(name), tightenings))


def test_the_command_prints_the_table(capfd):
    assert run(["formulations", "--compare", "three-models", "--tightenings", "none", "--time-limit", "30"]) == 0
    printed = capfd.readouterr()
    assert printed.err == ""
    head, _, first = printed.out.strip().splitlines()[:3]
    assert head.split()[:3] == ["formulation", "rows", "columns"]
    assert first.split()[0] == "slot"
    assert "4.21" in first
    assert "proved" in first


@pytest.mark.parametrize("option", ["--tightenings", "--time-limit"])
def test_options_of_a_comparison_without_one_are_refused(option, capfd):
    assert run(["formulations", option, "3"]) == 2
    assert capfd.readouterr().err == f"partload: {option}: expected --compare INSTANCE beside it\n"


def test_a_time_limit_that_is_none_is_refused(capfd):
    assert run(["formulations", "--compare", "three-models", "--time-limit", "0"]) == 2
    assert "expected a number of seconds above 0" in capfd.readouterr().err
