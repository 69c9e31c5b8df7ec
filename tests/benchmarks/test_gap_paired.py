"""Two methods on the same instances: counts, means and tests by hand, and what is refused."""

from __future__ import annotations

import math

import pytest

from partload.benchmarks.gap import table
from partload.benchmarks.gap.paired import paired
from partload.benchmarks.gap.study import Study
from partload.cli import run
from partload.instances.errors import InputError
from tests.support.gap_rows import row


def rows(a=(9, 8, 7, 6, 10), b=(8, 8, 8, 3, 5)):
    """Instances whose optimum is 10."""
    found = []
    for number, (of_a, of_b) in enumerate(zip(a, b)):
        found.append(row(f"i{number}", "exact", 10.0, 10.0))
        found += [row(f"i{number}", "a", float(of_a)), row(f"i{number}", "b", float(of_b))]
    return found


def test_counts_and_means_by_hand():
    found = paired(table.lines(rows()), "a", "b")
    assert (found.pairs, found.wins, found.ties, found.losses) == (5, 3, 1, 1)
    assert found.mean_difference == pytest.approx((1 + 0 - 1 + 3 + 5) / 50)
    low, high = found.interval
    assert -0.1 <= low < found.mean_difference < high <= 0.5
    assert found.sign_p == pytest.approx(2 * (math.comb(4, 3) + 1) / 16)  # 3 of 4 or more, either way.
    assert 0 < found.wilcoxon_p <= 1
    assert str(found).startswith("a against b: 3 wins, 1 ties, 1 losses in 5 pairs; mean difference +16.00%")


def test_the_other_way_round_is_the_mirror_image():
    one, other = (paired(table.lines(rows()), *pair) for pair in (("a", "b"), ("b", "a")))
    assert (one.wins, one.losses) == (other.losses, other.wins)
    assert one.mean_difference == pytest.approx(-other.mean_difference)
    assert (one.sign_p, one.wilcoxon_p) == pytest.approx((other.sign_p, other.wilcoxon_p))


def test_equal_methods_have_no_difference():
    found = paired(table.lines(rows((5, 6), (5, 6 + 1e-12))), "a", "b")
    assert (found.wins, found.ties, found.losses) == (0, 2, 0)
    assert found.interval == (0, 0)
    assert (found.sign_p, found.wilcoxon_p) == (1, 1)


def test_a_clear_difference_is_significant():
    found = paired(table.lines(rows(range(2, 10), [1] * 8)), "a", "b")
    assert found.interval[0] > 0
    assert found.sign_p == pytest.approx(2 / 2**8)
    assert found.wilcoxon_p < 0.01


def test_only_instances_with_plans_of_both_count():
    some = [*rows(), row("i9", "exact", 10.0, 10.0), row("i9", "a", 4.0), row("i9", "b", reason="it broke")]
    assert paired(table.lines(some), "a", "b").pairs == 5


def test_the_same_rows_give_the_same_interval():
    assert paired(table.lines(rows()), "a", "b") == paired(table.lines(rows()), "a", "b")


def test_what_cannot_be_compared_is_refused_in_a_line(tmp_path, capfd):
    study = Study(tuple(rows()), planned=15)
    assert study.pair("a", "b").pairs == 5
    with pytest.raises(InputError, match="pair: expected one of exact, a, b, got 'c'"):
        study.pair("a", "c")
    apart = [row("i0", "exact", 10.0, 10.0), row("i0", "a", 4.0), row("i1", "b", 4.0)]
    with pytest.raises(InputError, match="pair: no instance has plans of both 'a' and 'b' and a reference"):
        paired(table.lines(apart), "a", "b")
    assert run(["gap", "three-models", "--methods", "exact", "--pair", "exact"]) == 2
    assert "--pair: expected two methods with a comma between" in capfd.readouterr().err
    log = tmp_path / "rows.jsonl"
    call = ["gap", "three-models", "--methods", "exact@5,random", "--pair", "exact,rendom", "-o", str(log)]
    assert run(call) == 2
    assert "--pair: expected one of exact, random, got 'rendom', did you mean 'random'?" in capfd.readouterr().err
    assert not log.exists()  # Said before the study, not after it.


def test_the_command_prints_the_comparison(capfd):
    call = ["gap", "three-models", "tool-switching", "--methods", "exact,greedy-rate", "--pair", "exact,greedy-rate"]
    assert run(call) == 0
    assert "pair       exact against greedy-rate: " in capfd.readouterr().out
