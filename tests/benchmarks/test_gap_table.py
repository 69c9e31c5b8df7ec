"""Gaps: by hand, against optima and bounds, and never against what a plan contradicts."""

import random
import re

import pytest

from partload.benchmarks.gap.table import Gaps, MethodSummary, contradictions, lines, references, summary
from partload.instances import library
from tests.support.gap_rows import row


def only(found):
    assert len(found) == 1
    return next(iter(found.values()))


def test_the_optimum_is_the_reference_where_a_run_proved_it():
    found = only(references([row("a", "greedy", 8.0), row("a", "milp", 10.0, 10.0), row("a", "lp", 0.0, 12.0)]))
    assert (found.value, found.kind, found.source) == (10.0, "optimum", "milp")


def test_the_least_bound_is_the_reference_where_nothing_is_proved():
    rows = [row("a", "milp", 9.0, 12.0), row("a", "minlp", 8.0, 11.0), row("a", "greedy", 7.0)]
    found = only(references(rows))
    assert (found.value, found.kind, found.source) == (11.0, "bound", "minlp")
    assert [line.gap for line in lines(rows)] == pytest.approx([2 / 11, 3 / 11, 4 / 11])
    assert not any(line.at_optimum for line in lines(rows))


def test_a_bound_that_another_plan_meets_is_the_optimum():
    found = only(references([row("a", "milp", 9.0, 10.0), row("a", "greedy", 10.0)]))
    assert (found.value, found.kind, found.source) == (10.0, "optimum", "bound of milp, met by greedy")


def test_without_a_proof_there_is_no_gap():
    rows = [row("a", "greedy", 9.0), row("a", "milp", status="failed", bound=10.0)]
    assert references(rows) == {}
    assert [(line.reference, line.gap) for line in lines(rows)] == [(None, None)] * 2


def test_an_instance_too_large_for_a_proof_has_a_bound():
    rows = [row("a", "greedy", 9.0), row("a", "exact", status="refused", bound=10.0)]
    assert [(line.reference.kind, line.gap) for line in lines(rows)] == [("bound", 0.1), ("bound", None)]


@pytest.mark.parametrize("status", ["failed", "infeasible"])
def test_runs_without_a_good_plan_prove_nothing_and_have_no_gap(status):
    rows = [row("a", "milp", 10.0, 10.0), row("a", "mine", 99.0, 1.0, status=status)]
    assert only(references(rows)).value == 10.0
    assert [line.gap for line in lines(rows)] == [0.0, None]
    assert contradictions(rows) == []


def test_an_empty_plan_has_the_whole_gap_and_an_optimum_of_zero_none():
    rows = [row("a", "milp", 10.0, 10.0), row("a", "mine", 0.0, status="unknown"), row("b", "milp", 0.0, 0.0)]
    assert [line.gap for line in lines(rows)] == [0.0, 1.0, 0.0]
    assert [line.at_optimum for line in lines(rows)] == [True, False, True]


@pytest.mark.parametrize("name", ["three-models", "fleet-40x400"])
def test_the_library_knows(name):
    known = library.known()[name]
    assert known.bound is not None
    rows = [row(name, "greedy", 1.0, sha256=known.instance_sha256)]
    found = only(references(rows))
    assert found.kind == ("optimum" if known.status == "optimal" else "bound")
    assert found.value == (known.best if known.status == "optimal" else known.bound)
    assert "library" in found.source
    assert lines(rows)[0].gap == pytest.approx((found.value - 1.0) / found.value)
    assert references([row(name, "greedy", 1.0)]) == {}
    assert references([row(name, "greedy", 1.0, sha256=known.instance_sha256, sharing=False)], sharing=False) == {}


def test_runs_without_sharing_are_measured_against_the_optimum_with_sharing():
    rows = [
        row("a", "milp", 10.0, 10.0),
        row("a", "milp", 6.0, 6.0, sharing=False),
        row("a", "greedy", 5.0, sharing=False),
    ]
    assert only(references(rows)).value == 10.0
    assert only(references(rows, sharing=False)).value == 6.0
    assert [line.gap for line in lines(rows)] == [0.0, 0.4, 0.5]
    assert contradictions(rows) == []


def test_bounds_without_sharing_are_no_bounds_with_sharing():
    rows = [row("a", "milp", 6.0, 7.0, sharing=False), row("a", "greedy", 5.0)]
    assert references(rows) == {}
    assert only(references(rows, sharing=False)).value == 7.0


def test_a_plan_above_a_proved_optimum_is_said_and_leaves_no_gap():
    rows = [row("a", "milp", 10.0, 10.0), row("a", "greedy", 11.0), row("b", "milp", 5.0, 5.0)]
    said = contradictions(rows)
    assert len(said) == 1
    assert said[0].startswith("a: a plan of greedy serves 11, but milp proved that no plan serves more than 10")
    assert [line.gap for line in lines(rows)] == [None, None, 0.0]


def test_a_contradiction_never_has_two_numbers_that_read_alike():
    (said,) = contradictions([row("a", "milp", 3.0, 3.0), row("a", "greedy", 3.00000001)])
    assert "serves 3.00000001, but milp proved that no plan serves more than 3;" in said
    (close,) = contradictions([row("a", "milp", 1 / 3, 1 / 3), row("a", "greedy", (1 + 2e-9) / 3)])
    served, proved = re.findall(r"serves (?:more than )?([\d.]+)[,;]", close)
    assert (float(served), float(proved)) == ((1 + 2e-9) / 3, 1 / 3)


def test_the_source_of_a_bound_of_the_library_is_what_proved_it():
    known = library.known()["fleet-40x400"]
    assert known.method != known.bound_method
    found = only(references([row("fleet-40x400", "greedy", 1.0, sha256=known.instance_sha256)]))
    assert found.source == f"the library ({known.bound_method}, {known.date})"
    better = row("fleet-40x400", "mine", known.bound, sha256=known.instance_sha256)
    found = only(references([better]))
    assert found.source == f"bound of the library ({known.bound_method}, {known.date}), met by mine"
    (said,) = contradictions([row("fleet-40x400", "mine", known.bound + 1, sha256=known.instance_sha256)])
    assert f"but the library ({known.bound_method}, {known.date}) proved that no plan serves more" in said


@pytest.mark.parametrize("sharing", [True, False])
def test_contradictions_are_found_without_sharing_too(sharing):
    rows = [row("a", "milp", 6.0, 6.0, sharing=sharing), row("a", "greedy", 7.0, sharing=False)]
    assert len(contradictions(rows)) == 1
    assert "greedy without sharing serves 7" in contradictions(rows)[0]


def test_rounding_is_no_contradiction():
    rows = [row("a", "milp", 0.3, 0.3), row("a", "greedy", 0.1 + 0.2)]
    assert contradictions(rows) == []
    assert [line.at_optimum for line in lines(rows)] == [True, True]


def test_lines_are_in_order_whatever_the_order_of_the_rows_of_a_method():
    rows = [
        row(name, method, 1.0, sharing=sharing, swept=swept)
        for method in ("milp", "greedy")
        for sharing in (False, True)
        for name, swept in [
            ("a-10", None),
            ("a-9", None),
            ("a-9 bandwidth=1e+07", ("a-9", "bandwidth", 1e7)),
            ("a-9 bandwidth=5e+06", ("a-9", "bandwidth", 5e6)),
        ]
    ]
    shuffled = rows[1:]
    random.Random(1).shuffle(shuffled)
    found = [(line.row.asked.instance, line.sharing, line.label) for line in lines(rows[:1] + shuffled)]
    methods = dict.fromkeys(row.asked.method for row in rows[:1] + shuffled)
    names = ["a-9", "a-9 bandwidth=5e+06", "a-9 bandwidth=1e+07", "a-10"]
    assert found == [(name, sharing, method) for name in names for sharing in (True, False) for method in methods]


def test_the_same_method_with_other_limits_is_told_apart():
    rows = [row("a", "milp", 9.0, time_limit=1.0), row("a", "milp", 9.0, time_limit=5.0), row("a", "greedy", 9.0)]
    assert [part.time_limit_s for part in summary(lines(rows))] == [1.0, 5.0, None]
    assert [line.label for line in lines(rows)] == ["milp@1", "milp@5", "greedy"]
    assert [line.method for line in summary(lines(rows))] == ["milp@1", "milp@5", "greedy"]
    assert [line.label for line in lines(rows[:1])] == ["milp"]


def test_summary_by_hand():
    rows = [
        row("a", "milp", 10.0, 10.0, total_s=4.0),
        row("b", "milp", 18.0, 20.0, total_s=8.0),
        row("c", "milp", 5.0, 5.0, total_s=6.0),
        row("a", "mine", 9.0, total_s=1.0),
        row("b", "mine", 15.0, total_s=2.0),
        row("c", "mine", 5.0, total_s=3.0),
        row("d", "mine", 4.0, total_s=4.0),
        row("a", "mine", 9.0, status="infeasible", seed=2),
        row("a", "mine", status="failed", seed=3),
        row("b", "mine", status="refused", seed=2),
        row("a", "milp", 8.0, 8.0, sharing=False, total_s=3.0),
    ]
    milp, mine, unshared = summary(lines(rows))
    assert milp == MethodSummary(
        "milp", True, None, 3, 3, 0, 0, 0, 2, 2, Gaps(2, 0.0, 0.0, 0.0), Gaps(1, 0.1, 0.1, 0.1), 6.0
    )
    assert mine == MethodSummary(
        "mine", True, None, 7, 4, 1, 1, 1, 0, 1, Gaps(2, 0.05, 0.05, 0.1), Gaps(1, 0.25, 0.25, 0.25), 2.5
    )
    assert unshared == MethodSummary(
        "milp", False, None, 1, 1, 0, 0, 0, 1, 0, Gaps(1, 0.2, 0.2, 0.2), Gaps(0, None, None, None), 3.0
    )


def test_summary_without_any_plan():
    (found,) = summary(lines([row("a", "mine")]))
    assert (found.runs, found.failed, found.plans, found.mean_time_s) == (1, 1, 0, None)
    assert found.to_optimum == found.to_bound == Gaps(0, None, None, None)
