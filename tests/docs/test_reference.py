"""The reference is complete: symbols are fields, every constraint stands at an equation, each method has its row."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from docs.extensions.reference_pages import FOLDER, commands, methods, modules
from docs.extensions.reference_pages.formulations import VALID, forms, page, stated
from partload.cli import run
from partload.formulations import FORMULATIONS
from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.partial_loading import instance as partial_loading
from partload.instances.partial_loading.solution import SlotRecord
from partload.instances.slide import instance as slide
from partload.instances.slide.solution import UserRecord
from partload.solvers.methods import METHODS

ROOT = Path(__file__).parents[2]
PAGES = {"partial-loading": "problems.md", "slide": "slide.md"}
CHANNEL = {"channel": (FlatChannel, PowerLimitedChannel)}
RECORDS: dict[str, dict[str, tuple[type, ...]]] = {
    "partial-loading": {
        "server": (partial_loading.Server,),
        "blocks[]": (partial_loading.Block,),
        "models[]": (partial_loading.Model,),
        "requests[]": (partial_loading.Request,),
        "requests[].channel": CHANNEL["channel"],
        "slots[]": (SlotRecord,),
    },
    "slide": {
        "": (slide.Instance,),
        "downlink": (slide.Downlink,),
        "models[]": (slide.Model,),
        "models[].layers[]": (slide.Layer,),
        "users[]": (slide.User,),
        "users[].channel": CHANNEL["channel"],
        "served[]": (UserRecord,),
    },
}
"""The records behind the code names of a problem, by what stands before the last dot."""
UNNAMED = {"id", "kind", "channel", "name", "description", "provenance", "downlink", "users", "models", "layers"}
"""Fields that are no quantity of their own, or whose parts are named in their place."""
STATES = re.compile(r"(?:\bm|\bmodel)\.(\w+) = pyo\.(?:Constraint|Objective)\(")


def text(problem: str) -> str:
    return (ROOT / "docs" / "reference" / PAGES[problem]).read_text(encoding="utf-8")


def code_names(problem: str) -> list[str]:
    """The second column of the table of symbols."""
    table = text(problem).split("## Symbols")[1].split("\n## ")[0]
    cells = [row.split(" | ")[1] for row in table.splitlines() if row.startswith("|") and " | " in row]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def components(problem: str) -> list[str]:
    """The names in the table of what states each equation."""
    block = re.search(rf"^```{{components}} {problem}\n(.*?)^```", text(problem), re.MULTILINE | re.DOTALL)
    assert block is not None
    return [name for names in stated(block[1].splitlines()).values() for name in names]


@pytest.mark.parametrize("problem", PAGES)
def test_code_names_are_fields_and_all_fields_are_named(problem: str):
    named = code_names(problem)
    assert len(named) == len(set(named)) > 15
    fields = {
        f"{place}.{field.name}".lstrip(".")
        for place, records in RECORDS[problem].items()
        for record in records
        for field in dataclasses.fields(record)
    }
    assert set(named) <= fields
    left_out = {name for name in fields - set(named) if name.rpartition(".")[2] not in UNNAMED}
    assert not left_out


@pytest.mark.parametrize("problem", PAGES)
def test_every_constraint_stands_at_an_equation(problem: str):
    folder = ROOT / "formulations" / problem.replace("-", "_")
    stating = {name for file in folder.rglob("*.py") for name in STATES.findall(file.read_text(encoding="utf-8"))}
    named = components(problem)
    assert len(named) == len(set(named)), "at one equation each"
    assert set(named) == stating


@pytest.mark.parametrize("problem", PAGES)
def test_every_equation_has_a_constraint(problem: str):
    block = text(problem).split(f"```{{components}} {problem}\n")[1].split("```")[0]
    numbers = [number for number in stated(block.splitlines()) if number != VALID]
    assert numbers == re.findall(r"^\| (\(\d+\)) \|", text(problem), re.MULTILINE)


@pytest.mark.long
@pytest.mark.parametrize("problem", PAGES)
def test_every_component_of_every_formulation_is_rendered(problem: str):
    mine = [one for one in FORMULATIONS if one.problem == problem]
    assert set().union(*(forms(one) for one in mine)) == set(components(problem))
    for one in mine:
        shown = page(one)
        assert all(f"### `{name}`\n" in shown for name in forms(one))


@pytest.mark.parametrize("problem", PAGES)
def test_every_method_has_its_features_complexity_and_guarantee(problem: str):
    shown = methods.page(problem)
    for one in METHODS:
        if one.problem == problem:
            assert f"## {one.name}\n" in shown
            assert one.complexity
            assert f"| guarantee | {one.guaranteed} |" in shown
            assert f"| covers | {one.covers} |" in shown


@pytest.mark.long
def test_every_option_of_solve_is_on_the_page_of_commands(capfd: pytest.CaptureFixture[str]):
    made = commands.pages()["commands.md"]
    assert run(["solve", "--help"]) == 0
    for option in re.findall(r"^  (-[-\w, ]*--?[\w-]+|--[\w-]+)", capfd.readouterr().out, re.MULTILINE):
        if "--help" not in option:
            assert f"`{option}" in made.split("## solve\n")[1].split("\n## ")[0]


@pytest.mark.long
def test_every_package_has_a_page():
    made = modules.pages()
    rooms = {name.split("/")[1].split(".")[0] for name in made}
    assert rooms == {"partload", "instances", "formulations", "solvers", "benchmarks"}
    packages = {path.parent for path in (ROOT / "solvers").rglob("__init__.py")}
    assert {f"api/{package.relative_to(ROOT).as_posix().replace('/', '.')}.md" for package in packages} <= set(made)


def test_what_is_made_is_not_committed():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert f"{FOLDER.relative_to(ROOT).as_posix()}/" in ignored
