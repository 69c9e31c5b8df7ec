"""Best known values: a run may only improve them."""

import datetime

import pytest

from benchmarks import fill_known
from benchmarks.fill_known import merged
from instances import files, library
from instances.library import Known
from instances.partial_loading.solution import Solution

EARLIER, TODAY = datetime.date(2026, 11, 20), datetime.date(2026, 11, 21)
KNOWN = Known(instance_sha256="h", best=4, bound=6, status="feasible", method="old", date=EARLIER)


def solution(objective, bound, sha256="h"):
    return Solution(instance="i", instance_sha256=sha256, method="new", objective=objective, bound=bound, slots=())


@pytest.mark.parametrize(
    ("objective", "bound", "best", "best_bound", "status", "method"),
    [
        (5, None, 5, 6, "feasible", "new"),
        (3, 5, 4, 5, "feasible", "old"),
        (4, 4, 4, 4, "optimal", "old"),
        (6, 7, 6, 6, "optimal", "new"),
    ],
)
def test_better_values_and_bounds_are_taken(objective, bound, best, best_bound, status, method):
    value = merged(KNOWN, solution(objective, bound), TODAY)
    assert value == Known(instance_sha256="h", best=best, bound=best_bound, status=status, method=method, date=TODAY)


@pytest.mark.parametrize(("objective", "bound"), [(4, 6), (3, 7), (0, None), (4, None)])
def test_nothing_better_changes_nothing(objective, bound):
    assert merged(KNOWN, solution(objective, bound), TODAY) is KNOWN


def test_first_value_and_value_of_a_changed_instance_stand_alone():
    for known in (None, KNOWN):
        value = merged(known, solution(2, 9, "other"), TODAY)
        assert (value.best, value.bound, value.method, value.instance_sha256) == (2, 9, "new", "other")


@pytest.mark.parametrize(("objective", "bound"), [(7, None), (2, 3)])
def test_contradiction_is_an_error(objective, bound):
    with pytest.raises(ValueError, match="above a proven bound"):
        merged(KNOWN, solution(objective, bound), TODAY)


def test_fill_writes_what_is_proved(tmp_path, monkeypatch):
    monkeypatch.setattr(library, "KNOWN", str(tmp_path / "known.json"))
    stale = Known(instance_sha256="h", best=9, bound=9, status="optimal", method="old", date=EARLIER)
    library.write_known({"hidden-backbone": stale, "gone": stale})
    fill_known.fill(["three-models"], time_limit=60)
    ((name, value),) = library.known().items()
    assert (name, value.best, value.bound, value.status) == ("three-models", 4, 4, "optimal")
    assert value.instance_sha256 == files.sha256(library.load("three-models"))
