"""Best known values: a run may only improve them."""

import dataclasses
import datetime

import pytest

from partload.benchmarks import fill_known
from partload.benchmarks.fill_known import Finding, merged
from partload.benchmarks.versions import installed
from partload.instances import library, serialisation
from partload.instances.library import BestKnown

EARLIER, TODAY = datetime.date(2026, 11, 20), datetime.date(2026, 11, 21)
KNOWN = BestKnown(
    instance_sha256="h",
    best=4,
    bound=6,
    status="feasible",
    method="old",
    bound_method="older",
    date=EARLIER,
    versions={"numpy": "1"},
)


@pytest.mark.parametrize(
    ("found", "best", "bound", "status", "method", "bound_method"),
    [
        (Finding("new", 5), 5, 6, "feasible", "new", "older"),
        (Finding("new", 3, 5), 4, 5, "feasible", "old", "new"),
        (Finding("new", None, 5), 4, 5, "feasible", "old", "new"),
        (Finding("new", 4, 4), 4, 4, "optimal", "old", "new"),
        (Finding("new", 6, 7), 6, 6, "optimal", "new", "older"),
    ],
)
def test_better_values_and_bounds_are_taken(found, best, bound, status, method, bound_method):
    assert merged(KNOWN, found, "h", TODAY) == BestKnown(
        instance_sha256="h",
        best=best,
        bound=bound,
        status=status,
        method=method,
        bound_method=bound_method,
        date=TODAY,
        versions=installed(),
    )


@pytest.mark.parametrize(("best", "bound"), [(4, 6), (3, 7), (0, None), (4, None), (None, 6)])
def test_nothing_better_changes_nothing(best, bound):
    assert merged(KNOWN, Finding("new", best, bound), "h", TODAY) is KNOWN


def test_first_value_and_value_of_a_changed_instance_stand_alone():
    for known in (None, KNOWN):
        value = merged(known, Finding("new", 2, 9), "other", TODAY)
        assert (value.best, value.bound, value.method, value.instance_sha256) == (2, 9, "new", "other")
        assert merged(known, Finding("new", None, 9), "other", TODAY) is None


@pytest.mark.parametrize(("best", "bound"), [(7, None), (2, 3), (None, 3)])
def test_contradiction_is_an_error(best, bound):
    with pytest.raises(ValueError, match="above a proven bound"):
        merged(KNOWN, Finding("new", best, bound), "h", TODAY)


@pytest.fixture
def _nothing_known(tmp_path, monkeypatch):
    monkeypatch.setattr(library, "KNOWN", str(tmp_path / "known.json"))
    stale = dataclasses.replace(KNOWN, best=9, bound=9, status="optimal")
    library.write_known({"hidden-backbone": stale, "gone": stale})


@pytest.mark.usefixtures("_nothing_known")
@pytest.mark.parametrize(("asked", "optimum"), [("three-models", 4), ("slide-weights", 10)])
def test_fill_writes_what_is_proved(asked, optimum):
    fill_known.fill([asked], time_limit=60)
    ((name, value),) = library.known().items()
    assert (name, value.best, value.bound, value.status) == (asked, optimum, optimum, "optimal")
    assert value.instance_sha256 == serialisation.sha256(library.load(asked))


@pytest.mark.usefixtures("_nothing_known")
def test_what_an_exact_method_leaves_open_is_tried_by_others():
    fill_known.fill(["lora-10x40"], time_limit=0.5)
    (value,) = library.known().values()
    assert value.status == "feasible"
    assert value.best >= 40
    assert value.bound < sum(request.weight for request in library.load("lora-10x40").requests)
