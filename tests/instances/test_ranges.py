"""Several values in one word."""

from __future__ import annotations

import pytest

from partload.instances.errors import InputError
from partload.instances.ranges import read_values


@pytest.mark.parametrize(
    ("text", "whole", "values"),
    [
        ("5", False, (5.0,)),
        ("1,2,4.5", False, (1.0, 2.0, 4.5)),
        ("4,1,4", False, (4.0, 1.0)),
        ("0:1:3", False, (0.0, 0.5, 1.0)),
        ("5e6:40e6:8", False, (5e6, 10e6, 15e6, 20e6, 25e6, 30e6, 35e6, 40e6)),
        ("0.3:0.1:3", False, (0.3, 0.2, 0.1)),
        ("0:1:4", False, (0.0, 0.333333333333, 0.666666666667, 1.0)),
        ("0:9:4", True, (0.0, 3.0, 6.0, 9.0)),
        ("1:3:5", True, (1.0, 2.0, 3.0)),
    ],
)
def test_values(text, whole, values):
    assert read_values(text, "x", whole=whole) == values


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "expected FROM:TO:COUNT, such as 5e6:40e6:8, or numbers such as 1,2,4, got ''"),
        ("1,,2", "got ''"),
        ("1:2", "got '1:2'"),
        ("1:2:3:4", "got '1:2:3:4'"),
        ("a:2:3", "got 'a'"),
        ("nan", "got 'nan'"),
        ("0:inf:3", "got 'inf'"),
        ("1:2:1", "expected from 2 to 10000 values in FROM:TO:COUNT, got '1:2:1'"),
        ("1:2:x", "expected from 2 to 10000"),
        ("1:2:99999999999", "expected from 2 to 10000"),
    ],
)
def test_what_is_neither_a_range_nor_numbers_is_refused(text, problem):
    with pytest.raises(InputError) as caught:
        read_values(text, "x")
    assert str(caught.value).startswith("x: expected")
    assert problem in str(caught.value)


@pytest.mark.parametrize("text", ["2.5", "1:2.5:3"])
def test_whole_numbers_are_not_rounded_silently(text):
    with pytest.raises(InputError, match="x: expected whole numbers"):
        read_values(text, "x", whole=True)
