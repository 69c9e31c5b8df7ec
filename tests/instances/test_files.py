"""Reading and writing: what is right comes back unchanged, what is wrong is refused in one line that says where."""

import dataclasses
import json

import pytest
from hypothesis import given

from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.errors import InputError
from partload.instances.files import parse, read, write
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.solution import Solution, records
from partload.instances.serialisation import render, sha256, to_document
from tests.support import malformed
from tests.support.brute_force import optimum
from tests.support.random_instances import instances, random_instance


@pytest.mark.parametrize("case", malformed.INSTANCES, ids=lambda case: case.name)
def test_a_malformed_instance_is_refused_in_one_line_that_says_where(case, tmp_path):
    refused(case, tmp_path)


@pytest.mark.parametrize("case", malformed.SOLUTIONS, ids=lambda case: case.name)
def test_a_malformed_solution_is_refused_in_one_line_that_says_where(case, tmp_path):
    refused(case, tmp_path)


def refused(case, tmp_path):
    file = case.make(tmp_path / "file.json")
    with pytest.raises(InputError) as caught:
        read(file)
    error = caught.value
    assert error.path == case.path
    assert error.source == str(file)
    assert str(error).isprintable()  # No line break, nor anything else that a terminal would act on.
    assert str(error).startswith(f"{file}: {case.path}")
    assert len(error.problem) < 300


def test_no_two_cases_are_the_same():
    for cases in (malformed.INSTANCES, malformed.SOLUTIONS):
        assert len({case.name for case in cases}) == len(cases)


def test_what_the_malformed_files_are_made_from_is_right():
    assert parse(json.dumps(malformed.INSTANCE)).name == "right"
    assert parse(json.dumps(malformed.SOLUTION)).slots[0].model == "x"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((malformed.put, 1, "server", "bandwith_hz"), "unknown key, did you mean 'bandwidth_hz'?"),
        ((malformed.put, "9", "requests", 0, "deadline_s"), 'expected a number, got "9"'),
        ((malformed.put, 0, "requests", 0, "deadline_s"), "expected a number greater than 0, got 0"),
        ((malformed.put, "far", "requests", 0, "model"), "expected the id of a model, got 'far'"),
        ((malformed.put, 1.5, "models", 0, "max_batch"), "expected a whole number, got 1.5"),
        ((malformed.put, "both", "server", "visits"), "expected 'once' or 'any', got \"both\""),
        ((malformed.without, "name"), "expected this key, it is missing"),
        ((malformed.repeated, "name"), "expected each key once, 'name' is repeated"),
    ],
)
def test_messages_say_what_was_expected(change, message):
    make, *arguments = change
    with pytest.raises(InputError) as caught:
        parse(make(malformed.INSTANCE, *arguments).content.decode())
    assert caught.value.problem == message


def test_a_misspelt_key_is_named_and_not_the_one_that_seems_to_be_missing():
    text = json.dumps(malformed.INSTANCE).replace('"deadline_s"', '"dead_line_s"', 1)
    with pytest.raises(InputError) as caught:
        parse(text)
    assert str(caught.value) == "requests[0].dead_line_s: unknown key, did you mean 'deadline_s'? (and 1 more)"


@given(instances())
def test_an_instance_comes_back_unchanged(instance):
    again = parse(render(instance))
    assert again == instance
    assert render(again) == render(instance)
    assert sha256(again) == sha256(instance)


EVERYTHING = Instance(
    'na\u00efve "quotes" \\ \n and lines',
    Server(1e-300, 1e300, 0.1, 1 / 3, "cached", "any", "static", ("\u65e5\u672c",)),
    (Block("\u65e5\u672c", 0.0), Block("", 5e-324)),
    (Model("m", ("", "\u65e5\u672c"), 0.0, 1.0, 2.0, 3), Model("none", (), 0.0, 0.0)),
    (
        Request("r", "m", 1e-7, FlatChannel(0.1 + 0.2), 1.0, 0.5),
        Request("s", "none", 0.0, PowerLimitedChannel(1e9), 2**53 + 2.0),
    ),
    description="every key, and texts of every kind",
    provenance={"a": "b", "\u00e9": ""},
)


def test_every_key_and_any_text_comes_back_from_a_file(tmp_path):
    file = tmp_path / "everything.json"
    write(EVERYTHING, file)
    assert read(file) == EVERYTHING
    assert read(str(file)) == EVERYTHING


@pytest.mark.parametrize("seed", range(20))
def test_a_solution_comes_back_unchanged(seed, tmp_path):
    instance = random_instance(seed)
    value, plan = optimum(instance)
    solution = Solution(
        instance=instance.name,
        instance_sha256=sha256(instance),
        method="oracle",
        options={"anything": [1, {"deep": None}]},
        seed=seed,
        status="optimal",
        termination="proved",
        objective=value,
        bound=value,
        gap=0.0,
        metrics={"served": 1.0, "latency_p50_s": None},
        slots=records(instance, plan, clock.run(instance, plan)),
    )
    write(solution, tmp_path / "solution.json")
    again = read(tmp_path / "solution.json")
    assert again == solution
    decisions = [(slot.model, slot.requests) for slot in plan]
    assert [(slot.model, slot.requests) for slot in again.plan()] == decisions


def test_defaults_may_be_left_out_and_integers_stand_for_numbers():
    short = {
        "format": "partload/partial-loading",
        "version": 1,
        "name": "short",
        "server": {"bandwidth_hz": 1, "load_rate_bytes_per_s": 2},
        "blocks": [],
        "models": [{"id": "m", "blocks": [], "batch_setup_s": 0, "batch_per_request_s": 0}],
        "requests": [
            {
                "id": "r",
                "model": "m",
                "input_bits": 0,
                "channel": {"kind": "flat", "spectral_efficiency_bps_per_hz": 1},
                "deadline_s": 1,
            }
        ],
    }
    instance = parse(json.dumps(short))
    server = Server(1.0, 2.0, 0.0, None, "previous", "once", "slotted", ())
    request = Request("r", "m", 0.0, FlatChannel(1.0), 1.0, 1.0)
    assert instance == Instance("short", server, (), (Model("m", (), 0.0, 0.0, 0.0, None),), (request,))
    assert all(type(value) is float for value in (instance.server.bandwidth_hz, instance.requests[0].deadline_s))


def test_null_stands_for_no_limit():
    document = to_document(EVERYTHING)
    document["server"]["memory_bytes"] = document["models"][0]["max_batch"] = None
    instance = parse(json.dumps(document))
    assert instance.server.memory_bytes is None
    assert instance.models[0].max_batch is None


def test_the_hash_is_that_of_the_data():
    document = to_document(EVERYTHING)
    shuffled = {key: document[key] for key in reversed(document)}
    del shuffled["description"], shuffled["provenance"]
    assert sha256(parse(json.dumps(shuffled, indent=3))) == sha256(EVERYTHING)
    requests = (EVERYTHING.requests[0], dataclasses.replace(EVERYTHING.requests[1], weight=2.0))
    assert sha256(EVERYTHING.replace(requests=requests)) != sha256(EVERYTHING)
    assert sha256(EVERYTHING.replace(residency="previous")) != sha256(EVERYTHING)
    assert sha256(EVERYTHING.replace(name="other")) != sha256(EVERYTHING)


def test_the_hash_does_not_change_from_version_to_version():
    """Solutions that were written name it."""
    instance = Instance("fixed", Server(1.0, 2.0), (Block("b", 3.0),), (Model("m", ("b",), 0.5, 0.25),), ())
    assert sha256(instance) == "862a4659004a25dc060395ea3a10b028c44a6598f6395842dc8e5b3ae146c172"


def test_writing_where_nothing_can_be_written_is_an_input_error(tmp_path):
    with pytest.raises(InputError) as caught:
        write(EVERYTHING, tmp_path / "no such directory" / "file.json")
    assert str(caught.value).isprintable()
    assert caught.value.source.endswith("file.json")


def test_a_name_that_utf_8_cannot_hold_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"file.json: expected text, .*half \\udcff' ends in half a character"):
        write(dataclasses.replace(EVERYTHING, name="half \udcff"), tmp_path / "file.json")
    assert not (tmp_path / "file.json").exists()
