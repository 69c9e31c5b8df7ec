"""Listings as JSON: they name what the tables name, and a program can call what they say."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

import partload
from partload.cli import run
from partload.formulations import FORMULATIONS
from partload.instances import library
from partload.instances.generators import FAMILIES
from partload.solvers.methods import METHODS


def listing(capfd, *arguments: str) -> Any:
    assert run([*arguments, "--json"]) == 0
    printed = capfd.readouterr()
    assert printed.err == ""
    return json.loads(printed.out)


def test_methods(capfd):
    listed = listing(capfd, "methods")
    assert [(one["problem"], one["name"], one["exact"]) for one in listed] == [
        (method.problem, method.name, method.exact) for method in METHODS
    ]
    dynamic, milp = listed[0], next(one for one in listed if one["name"] == "milp")
    assert (dynamic["needs"], dynamic["supports"]["uplink"]) == ("nested prefixes", ["slotted"])
    assert milp["supports"]["uplink"] == ["pipelined", "slotted"], "those of the formulation that it solves"
    assert all(one["complexity"] and one["guarantee"] for one in listed)


def test_formulations(capfd):
    listed = listing(capfd, "formulations")
    assert [(one["problem"], one["name"], one["kind"]) for one in listed] == [
        (one.problem, one.name, one.kind) for one in FORMULATIONS
    ]
    assert {one["name"]: one["program"] for one in listed}["joint"] == "MINLP"


def test_formulations_compared(capfd):
    (first, *_) = listing(capfd, "formulations", "--compare", "slide-weights", "--time-limit", "5")
    assert (first["formulation"], first["end"], first["bound"] >= first["objective"]) == (
        "provisioning",
        "proved",
        True,
    )


def test_library(capfd):
    listed = listing(capfd, "library")
    assert [one["name"] for one in listed] == library.names()
    three = next(one for one in listed if one["name"] == "three-models")
    assert (three["best"], three["bound"], three["status"], three["models"], three["requests"]) == (
        4,
        4,
        "optimal",
        3,
        6,
    )
    assert three["features"]["uplink"] == ["slotted"]


def test_families_and_their_options(capfd):
    listed = listing(capfd, "generate")
    assert [one["name"] for one in listed] == list(FAMILIES)
    for one in listed:
        jsonschema.Draft202012Validator.check_schema(one["options"])
        assert list(one["options"]["properties"]) == list(FAMILIES[one["name"]].options.__dataclass_fields__)
    assert listing(capfd, "generate", "lora") == next(one for one in listed if one["name"] == "lora")


def test_a_schema_of_options_judges_options_as_generate_does(capfd):
    schema = listing(capfd, "generate", "backbone")["options"]
    for options, right in (({"models": 3, "requests": 4}, True), ({"models": 0}, False), ({"colour": 1}, False)):
        assert jsonschema.Draft202012Validator(schema).is_valid(options) == right
        if right:
            partload.generate("backbone", **options)
        else:
            with pytest.raises(partload.InputError):
                partload.generate("backbone", **options)


def test_the_flag_of_an_option_is_one_of_the_command(capfd):
    schema = listing(capfd, "generate", "slide-architectures")["options"]
    assert run(["generate", "slide-architectures", "--help"]) == 0
    text = capfd.readouterr().out
    assert all(option["option"] in text for option in schema["properties"].values())


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["generate", "--json", "lora"], "expected it behind the family: lora --json"),
        (["generate", "lora"], "missing option '-o' / '--output'; see 'partload generate lora --help'"),
    ],
)
def test_one_line_for_what_is_missing(arguments: list[str], problem: str, capfd):
    assert run(arguments) == 2
    printed = capfd.readouterr()
    assert problem in printed.err
    assert (printed.err.count("\n"), printed.out) == (1, "")
