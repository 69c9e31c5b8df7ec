"""The JSON Schemas: what they accept and refuse, and that the shipped ones are those of the code."""

import json
from importlib.resources import files

import jsonschema
import pytest

from partload.instances.errors import InputError
from partload.instances.files import FORMATS, schema
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.solution import Solution, records
from partload.instances.serialisation import sha256, to_document
from tests.support import malformed, malformed_slide
from tests.support.brute_force import optimum
from tests.support.random_instances import random_instance

INSTANCES = jsonschema.Draft202012Validator(schema("partload/partial-loading"))
SOLUTIONS = jsonschema.Draft202012Validator(schema("partload/partial-loading-solution"))
SLIDE_INSTANCES = jsonschema.Draft202012Validator(schema("partload/slide"))
SLIDE_SOLUTIONS = jsonschema.Draft202012Validator(schema("partload/slide-solution"))


def by_schema(validator: jsonschema.Draft202012Validator, content: bytes) -> bool:
    return validator.is_valid(json.loads(content))


@pytest.mark.parametrize("name", FORMATS)
def test_the_shipped_schema_is_that_of_the_code(name):
    shipped = files("partload.instances") / "schema" / f"{name.removeprefix('partload/')}.json"
    assert json.loads(shipped.read_text(encoding="utf-8")) == schema(name), (
        f"regenerate it: partload schema {name} > instances/schema/{shipped.name}"
    )


@pytest.mark.parametrize("name", FORMATS)
def test_it_is_a_schema(name):
    jsonschema.Draft202012Validator.check_schema(schema(name))


def test_there_is_none_of_an_unknown_format():
    with pytest.raises(InputError, match="expected one of"):
        schema("partload/other")


def test_it_accepts_what_is_right():
    assert INSTANCES.is_valid(malformed.INSTANCE)
    assert SOLUTIONS.is_valid(malformed.SOLUTION)
    assert SLIDE_INSTANCES.is_valid(malformed_slide.INSTANCE)
    assert SLIDE_SOLUTIONS.is_valid(malformed_slide.SOLUTION)


@pytest.mark.parametrize("seed", range(32))
def test_it_accepts_what_is_written(seed):
    instance = random_instance(seed)
    value, plan = optimum(instance)
    slots = records(instance, plan, clock.run(instance, plan))
    solution = Solution(instance=instance.name, instance_sha256=sha256(instance), objective=value, slots=slots)
    INSTANCES.validate(to_document(instance))
    SOLUTIONS.validate(json.loads(json.dumps(to_document(solution))))


@pytest.mark.parametrize("case", malformed.BY_SCHEMA, ids=lambda case: case.name)
def test_it_refuses_a_malformed_instance(case):
    assert not by_schema(INSTANCES, case.content)


@pytest.mark.parametrize("case", malformed_slide.BY_SCHEMA, ids=lambda case: case.name)
def test_it_refuses_a_malformed_slide_instance(case):
    assert not by_schema(SLIDE_INSTANCES, case.content)


def documents(cases):
    return [case for case in cases if case not in malformed.NO_DOCUMENT and b"NaN" not in case.content]


@pytest.mark.parametrize("case", documents(malformed.SOLUTIONS), ids=lambda case: case.name)
def test_it_refuses_a_malformed_solution(case):
    refuses(SOLUTIONS, case)


@pytest.mark.parametrize("case", documents(malformed_slide.SOLUTIONS), ids=lambda case: case.name)
def test_it_refuses_a_malformed_slide_solution(case):
    refuses(SLIDE_SOLUTIONS, case)


def refuses(validator, case):
    if case.name.endswith(("twice", "= 1e999")):
        pytest.skip("a schema sees neither repeated keys nor numbers beyond doubles")
    assert not by_schema(validator, case.content)
