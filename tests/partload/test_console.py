"""Numbers and lists of names that the commands print."""

from __future__ import annotations

from partload import console


def test_names_that_do_not_fit_are_counted():
    assert console.listed(["a", "b", "c"]) == "a, b, c"
    assert console.listed(["first", "second", "third"], width=12) == "first, +2"
    assert console.listed(["a name that is longer than the width"], width=5) == "a name that is longer than the width"
