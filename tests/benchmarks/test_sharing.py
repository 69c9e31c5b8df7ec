"""What the study of sharing says, from rows made by hand."""

from __future__ import annotations

import pytest

from partload.benchmarks.gap.rows import Bar
from partload.benchmarks.sharing import (
    SWEEPS,
    everything,
    gain_cells,
    loading,
    pairs,
    print_by_loading,
    print_gains,
    print_methods,
)
from tests.support.gap_rows import row


def bar(start: float, load_end: float, end: float) -> Bar:
    return Bar(
        model="m",
        requests=1,
        loaded_bytes=1.0,
        start_s=start,
        load_end_s=load_end,
        upload_start_s=start,
        upload_end_s=start,
        ready_s=load_end,
        end_s=end,
    )


def both(name: str, shared: float, private: float, bound: float | None = None, **more):
    return [
        row(name, "exact", shared, shared if bound is None else bound, **more),
        row(name, "exact", private, private, sharing=False, **more),
    ]


ROWS = [
    *both("a", 12, 8, swept=("base", "bandwidth", 5.0), bars=(bar(0, 1, 4), bar(4, 6, 10))),
    *both("b", 6, 6, swept=("other", "bandwidth", 5.0), bars=(bar(0, 5, 10),)),
    *both("c", 9, 3, bound=10, swept=("base", "bandwidth", 6.0)),
    *both("d", 2, 0, swept=("base", "deadline", 3.5)),
    *both("e", 5, 4),
    row("f", "exact", 1, 1),
    row("a", "greedy-rate", 9, swept=("base", "bandwidth", 5.0)),
]


def test_pairs_are_by_sweep_and_value_and_only_where_both_are_proved():
    found = pairs(ROWS, {("base", 3.5): 0.5})
    assert set(found) == {("bandwidth", 5.0), ("bandwidth", 6.0), ("deadline", 0.5), ("library", 0.0)}
    assert [pair.gain for pair in found["bandwidth", 5.0]] == [0.5, 0.0]
    assert found["bandwidth", 6.0] == [None]
    assert [pair.gain for pair in found["deadline", 0.5]] == [1.0]


def test_a_row_of_the_table():
    found = pairs(ROWS, {})
    assert gain_cells(found["bandwidth", 5.0]) == (
        *("2 of 2", "30.0%", "23.3%", "28.6%", "50%", "1"),
        *("40%", "40%"),
    )
    assert gain_cells(found["bandwidth", 6.0])[0] == "0 of 1"


def test_loading_is_part_of_the_makespan():
    assert loading(ROWS[0]) == pytest.approx(0.3)
    assert loading(row("x", "exact", 0, 0)) == 0.0


def test_the_tables_are_printed(capsys):
    print_gains(pairs(ROWS, {}))
    print_methods(ROWS)
    print_by_loading([pair for group in pairs(ROWS, {}).values() for pair in group if pair])
    text = capsys.readouterr().out
    assert "### bandwidth" in text
    assert "| 5 | 2 of 2 | 30.0% |" in text
    assert "| 50% to 60% | 1 | 0.0% | 0 |" in text
    assert "| 30% to 40% | 1 | 50.0% | 1 |" in text
    assert "| greedy-rate | 1 | 0 of 1 | 25.0% |" in text
    assert "exact, no sharing" in text


def test_the_study_has_six_sweeps_and_at_least_500_runs():
    found, factors = everything()
    assert len({sweep.parameter for _, sweep in SWEEPS}) == 6
    assert {case.swept.parameter for case in found if case.swept} == {sweep.parameter for _, sweep in SWEEPS}
    assert 9 * len(found) >= 500
    assert set(factors.values()) == {0.5, 0.75, 1.0, 1.5, 2.0, 3.0}
