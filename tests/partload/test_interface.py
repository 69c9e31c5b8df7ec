"""The Python interface: what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

import partload


def gives_numbers(instance: partload.Instance) -> list[int]:
    return [1, 2]


def test_a_solution_is_not_solved():
    solution = partload.solve(partload.read("three-models"))
    for method in (None, "milp", gives_numbers):
        with pytest.raises(partload.InputError, match=r"^expected an instance, got a solution of 'three-models'$"):
            partload.solve(solution, method)


@pytest.mark.parametrize("given", [3, "three-models", None])
def test_what_is_no_record_is_refused_by_its_type(given: Any):
    wanted = f"^expected an instance or a solution, got a value of type {type(given).__name__}$"
    with pytest.raises(partload.InputError, match=wanted):
        partload.solve(given)
    with pytest.raises(partload.InputError, match=wanted):
        partload.write(given, "nowhere/at-all.json")


def test_a_heuristic_that_gives_numbers_is_refused_by_their_type():
    with pytest.raises(partload.InputError, match=r"expected a sequence of Slot, got a value of type int in it$"):
        partload.solve(partload.read("three-models"), gives_numbers)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'partload' has no attribute 'sovle'"):
        partload.sovle  # noqa: B018
