"""The LP laboratory of the page: its switches are those of the formulation, its numbers those of ``partload.relax``."""

from __future__ import annotations

import re

import pytest

import partload
from partload.explore import answers, laboratory, static
from partload.explore.state import State
from partload.instances.errors import InputError
from partload.solvers.relaxation import switches
from tests.support.explored import ask, served, state

CELL = re.compile(r'<td data-measure="([\w ]+)">([^<]*)</td>')


def test_the_switches_are_those_of_the_formulation_with_its_own_on():
    html = answers.explained(partload.read("three-models"), "slot")["laboratory"]
    boxes = re.findall(r'name="switch" value="([\w-]+)"( checked)?>', html)
    assert [(name, bool(on)) for name, on in boxes] == [(one.name, one.on) for one in switches("slot")]


@pytest.mark.parametrize(("name", "formulation"), [("slide-overlap", "recursion"), ("slide-overlap", "provisioning")])
def test_a_formulation_without_switches_has_no_laboratory(name: str, formulation: str):
    assert answers.explained(partload.read(name), formulation)["laboratory"] == ""


def test_a_run_is_that_of_relax():
    instance = partload.read("visits-once")
    on = ["order", "subtours"]
    found = laboratory.run(instance, "sequence", on)
    cells = dict(CELL.findall(found["row"]))
    expected = partload.relax(instance, "sequence", on, search=True)
    assert float(cells["LP value"]) == pytest.approx(expected.lp_value, abs=1e-4)
    assert float(cells["bound"]) == expected.lp_bound
    assert float(cells["optimum"]) == expected.optimum == partload.solve(instance).objective
    assert (int(cells["rows"]), int(cells["columns"])) == (expected.rows, expected.columns)
    assert int(cells["fractional"]) == len(expected.fractional)
    assert "<th>order, subtours</th>" in found["row"]
    assert f"<h3>{len(expected.fractional)} variables" in found["point"]


def test_an_unknown_switch_is_refused_by_the_server():
    with served(State(name="three-models")) as port:
        status, answer = ask(port, "relax", state=state("three-models"), on=["magic"])
        assert (status, answer["message"][:33]) == (422, "on: expected one of order, two-cy")
        assert ask(port, "relax", state=state("three-models"), on="order")[1]["message"].startswith("on: ")
        assert ask(port, "relax", state=state("three-models"), on=[])[0] == 200
    with pytest.raises(InputError, match="not linear"):
        laboratory.run(partload.read("slide-overlap"), "recursion", [])


@pytest.mark.long
def test_the_page_without_a_server_has_every_choice():
    runs = static._runs(State(name="three-models"))
    names = [one.name for one in switches("sequence")]
    assert len(runs) == 2 ** len(names)
    assert runs.keys() >= {"", ",".join(names), *names}
