"""Instances that were once answered wrongly, solved in every way that covers them; see ``tests/data/defects``."""

from __future__ import annotations

from pathlib import Path

import pytest

from partload.instances.partial_loading.instance import Instance as PartialLoading
from partload.instances.reading import read_instance
from tests.support.brackets import Bracket
from tests.support.nasty import blind
from tests.support.nasty.comparison import against, bracket_of

FILES = sorted((Path(__file__).parents[1] / "data" / "defects").glob("*.json"))
KNOWN = {"tiny_weights_1e-12_0": 13e-12, "tiny_weights_1e-12_3": 18e-12, "tiny_weights_1e-12_4": 19e-12}
"""Optima of instances too large for the oracle: the same with weights of 1 have 13, 18 and 19."""
SOLVERS = ("milp highs", "tangents highs", "milp scip", "minlp scip")
LONG = {
    "tiny_weights_1e-12_0": (*SOLVERS, "solve"),
    "tiny_weights_1e-12_3": SOLVERS,
    "tiny_weights_1e-12_4": SOLVERS,
    "arrivals_scip_dual_reductions": ("tangents highs", "minlp scip"),
    "never_due_308": ("tangents highs", "minlp scip"),
    "near_tie_5_1e-08_error": ("minlp scip",),
    "near_tie_5_1e-08_time-limit": ("minlp scip",),
}
"""Ways that take more than a few seconds."""


def cases() -> list[object]:
    """Every file with every way that covers it."""
    found = []
    for file in FILES:
        problem = "partial-loading" if isinstance(read_instance(file), PartialLoading) else "slide"
        for way in (*blind.FAST[problem], *blind.SLOW[problem]):
            if way.covers(read_instance(file)):
                marks = pytest.mark.long if way.name in LONG.get(file.stem, ()) else ()
                found.append(pytest.param(file, way, id=f"{file.stem}-{way.name}", marks=marks))
    return found


@pytest.mark.parametrize(("file", "way"), cases())
def test_the_answer_is_right_or_a_true_bound(file, way):
    instance = read_instance(file)
    known = KNOWN.get(file.stem)
    truth = bracket_of(instance) if known is None else Bracket(known, known, ())
    assert against(truth, instance, [way]).problems == ()


def test_every_file_says_what_was_wrong():
    page = (FILES[0].parent / "README.md").read_text(encoding="utf-8")
    assert [file.stem for file in FILES if f"`{file.stem}`" not in page] == []
