"""The Python interface: what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

import partload
from partload.instances.library import path


def gives_numbers(instance: partload.Instance) -> list[int]:
    return [1, 2]


def test_a_solution_is_not_solved():
    solution = partload.solve(partload.read("three-models"))
    for method in (None, "milp", gives_numbers):
        with pytest.raises(partload.InputError, match=r"^expected an instance, got a solution of 'three-models'$"):
            partload.solve(solution, method)


@pytest.mark.parametrize("given", [3, 0.5, None])
def test_what_is_no_record_is_refused_by_its_type(given: Any):
    got = f"got a value of type {type(given).__name__}$"
    with pytest.raises(partload.InputError, match=f"^expected an instance, {got}"):
        partload.solve(given)
    with pytest.raises(partload.InputError, match=f"^expected an instance or a solution, {got}"):
        partload.write(given, "nowhere/at-all.json")


def test_a_heuristic_that_gives_numbers_is_refused_by_their_type():
    with pytest.raises(partload.InputError, match=r"expected a sequence of Slot, got a value of type int in it$"):
        partload.solve(partload.read("three-models"), gives_numbers)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'partload' has no attribute 'sovle'"):
        partload.sovle  # noqa: B018


def test_records_are_shown_in_a_line():
    large = partload.generate("general", models=50, requests=20_000, seed=1)
    counts = f"50 models, 20000 requests, {len(large.blocks)} blocks"
    assert repr(large) == f"<partial-loading {large.name!r}: {counts}, slotted, previous>"
    assert repr(partload.read("slide-weights")) == "<slide 'slide-weights': 4 models, 4 users, speed per-device>"
    solution = partload.solve("three-models")
    assert repr(solution) == "<solution of 'three-models' by dynamic: optimal, objective 4, bound 4, gap 0>"
    claimed = partload.Solution(instance="three-models", slots=())
    assert repr(claimed) == "<solution of 'three-models': not judged>"
    study = partload.gap(["three-models", "tool-switching"], ["exact", "greedy-rate"])
    assert repr(study) == "<study: 4 of 4 runs, 2 instances, exact, greedy-rate>"


def test_names_and_paths_are_read_where_an_instance_or_a_solution_is_expected(tmp_path):
    by_name, by_path = partload.solve("three-models"), partload.solve(path("three-models"))
    assert by_name.slots == by_path.slots == partload.solve(partload.read("three-models")).slots
    partload.write(by_name, tmp_path / "solution.json")
    assert partload.check("three-models", tmp_path / "solution.json").feasible
    assert partload.check_plan("three-models", by_name.plan()).objective == 4
