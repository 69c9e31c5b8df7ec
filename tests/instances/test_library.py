"""The shipped library: every file reads and says what it is for, all features occur, recipes give the files again."""

import datetime
import json
import math
from pathlib import Path

import pytest

from docs.extensions.reference_pages.library import page as library_page
from partload.instances import files, library, serialisation
from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.data import measured_server
from partload.instances.errors import InputError
from partload.instances.library import recipes
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.generators import FAMILIES
from partload.instances.partial_loading.instance import Block, Instance
from partload.instances.partial_loading.plan import Slot
from tests.support.brute_force import optimum

NAMES = library.names("partial_loading")


def all_instances():
    return [library.load(name) for name in NAMES]


def private(instance):
    """The same instance with each model's blocks made private copies."""
    blocks, models = [], []
    for model in instance.models:
        own = tuple(f"{model.id}/{block}" for block in model.blocks)
        blocks += [Block(name, instance.block_sizes[block]) for name, block in zip(own, model.blocks)]
        models.append(type(model)(model.id, own, model.batch_setup_s, model.batch_per_request_s))
    return instance.replace(blocks=tuple(blocks), models=tuple(models))


@pytest.mark.parametrize("name", NAMES)
def test_file_reads_round_trips_and_says_what_it_is(name):
    instance = library.load(name)
    assert isinstance(instance, Instance)
    assert files.parse(serialisation.render(instance)) == instance
    assert instance.name == name
    assert len(instance.description) > 40
    assert instance.provenance["date"] == "2026-11-21"
    assert "made" in instance.provenance or "generator" in instance.provenance


def test_recipes_give_the_files_again():
    assert sorted((*recipes.BY_HAND, *recipes.GENERATED)) == library.names()
    for name in library.names():
        assert serialisation.render(recipes.make(name)) == library.path(name).read_text(encoding="utf-8"), name


def test_library_covers_sizes_and_features():
    instances = all_instances()
    servers = [instance.server for instance in instances]
    requests = [request for instance in instances for request in instance.requests]
    models = [model for instance in instances for model in instance.models]
    assert 15 <= len(instances) <= 30
    assert {server.residency for server in servers} == {"previous", "cached"}
    assert {server.visits for server in servers} == {"once", "any"}
    assert {server.uplink for server in servers} == {"slotted", "pipelined", "static"}
    assert {type(request.channel) for request in requests} == {FlatChannel, PowerLimitedChannel}
    assert any(server.memory_bytes for server in servers)
    assert any(server.load_latency_s for server in servers)
    assert any(server.resident_blocks for server in servers)
    assert any(model.max_batch for model in models)
    assert any(model.activation_bytes_per_request for model in models)
    assert any(len(set(instance.arrays.deadline_s)) > 1 for instance in instances)
    assert any(len(set(instance.arrays.weight)) > 1 for instance in instances)
    assert any(instance.arrays.arrival_s.any() for instance in instances)
    assert {recipes.GENERATED[name].family for name in NAMES if name in recipes.GENERATED} == set(FAMILIES)
    sizes = [(len(instance.models), len(instance.requests)) for instance in instances]
    assert sum(i <= 4 and k <= 8 for i, k in sizes) >= 5
    assert sum(6 <= i <= 12 and 20 <= k <= 40 for i, k in sizes) >= 5
    assert any(i >= 60 and k >= 1000 for i, k in sizes)


def test_documentation_lists_every_instance_and_family():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "instances.md").read_text(encoding="utf-8")
    shipped = library_page()
    for instance in all_instances():
        assert f"| `{instance.name}` | {len(instance.models)} | {len(instance.requests)} |" in shipped
        assert instance.description, "what it is for"
    for family in FAMILIES:
        assert family in page


def test_several_instances_have_the_measured_server():
    profile = measured_server()
    measured = [
        instance.name
        for instance in all_instances()
        if instance.server.load_rate_bytes_per_s == profile.load_rate_bytes_per_s
        and any(
            (model.batch_setup_s, model.batch_per_request_s) == (profile.batch_setup_s, profile.batch_per_request_s)
            for model in instance.models
        )
    ]
    assert len(measured) >= 3
    assert "edge-demo" in measured


def test_size_and_mixture_of_the_demonstration():
    instance = library.load("edge-demo")
    assert 8 <= len(instance.models) <= 9
    assert 24 <= len(instance.requests) <= 30
    assert {model.id.rpartition("-")[0] for model in instance.models} == {"resnet50", "vit_l_16", "llama_7b_lora"}
    server = instance.server
    assert (server.residency, server.visits, server.uplink) == ("previous", "once", "slotted")
    assert set(instance.arrays.deadline_s) == {2.6}


@pytest.mark.parametrize(
    ("name", "served"),
    [
        ("three-models", 4),
        ("visits-once", 3),
        ("visits-any", 4),
        ("decimal-tie", 2),
        ("hidden-backbone", 3),
        ("full-batch", 4),
        ("tool-switching", 5),
        ("backbone-small", 4),
        ("general-small-cached", 7),
        ("static-band", 2),
    ],
)
def test_descriptions_tell_the_optimum(name, served):
    assert optimum(library.load(name))[0] == served


def test_descriptions_tell_what_a_change_costs():
    assert optimum(private(library.load("three-models")))[0] == 2
    assert optimum(private(library.load("backbone-small")))[0] == 3
    assert optimum(library.load("tool-switching").replace(residency="previous"))[0] == 4
    assert optimum(library.load("general-small-cached").replace(residency="previous"))[0] == 5
    for uplink in ("slotted", "pipelined"):
        assert optimum(library.load("static-band").replace(uplink=uplink))[0] == 3


def test_static_band_is_just_wide_enough_for_two():
    instance = library.load("static-band")
    two = (Slot("a", ("a.1",), bandwidth_hz={"a.1": 0.5}), Slot("b", ("b.1",), bandwidth_hz={"b.1": 0.5}))
    assert check_plan(instance, two).feasible
    three = (Slot("a", ("a.1", "a.2"), bandwidth_hz={"a.1": 0.5, "a.2": 0.5}), two[1])
    assert {violation.rule for violation in check_plan(instance, three).violations} == {"bandwidth"}


def test_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(InputError) as caught:
        library.load("three-model")
    assert str(caught.value) == "three-model: no instance of that name in the library, did you mean 'three-models'?"
    with pytest.raises(InputError, match="'partload library' lists them"):
        library.load("../known")


def test_locate_takes_paths_and_bare_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert library.locate("three-models") == library.path("three-models")
    assert str(library.locate("three-models.json")) == "three-models.json"
    assert library.locate(tmp_path / "three-models") == tmp_path / "three-models"
    with pytest.raises(InputError, match="no instance of that name"):
        library.locate("no-such")
    assert str(library.locate("./no-such")) == "no-such", "a path, whether or not there is such a file"
    with pytest.raises(InputError, match="expected a file or the name of an instance"):
        library.locate("")
    (tmp_path / "mine.json").write_text("{}")
    with pytest.raises(InputError, match=r"did you mean the file 'mine.json'\?"):
        library.locate("mine")
    (tmp_path / "three-models").write_text("{}")
    assert str(library.locate("three-models")) == "three-models"


def test_known_values_are_of_these_instances():
    for name, value in library.known().items():
        instance = library.load(name)
        assert value.instance_sha256 == serialisation.sha256(instance), name
        assert value.best <= math.fsum(instance.arrays.weight)
        assert value.bound is None or value.best <= value.bound * (1 + 1e-9)
        assert (value.bound is None) == (value.bound_method is None)
        assert (value.status == "optimal") == (value.bound is not None and value.bound - value.best <= 1e-6)


@pytest.mark.parametrize("name", [name for name in NAMES if len(library.load(name).requests) <= 8])
def test_known_values_of_small_instances_are_the_optimum(name):
    value = library.known()[name]
    assert value.best == value.bound == optimum(library.load(name))[0]


def test_known_values_round_trip(tmp_path, monkeypatch):
    monkeypatch.setattr(library, "_root", lambda: tmp_path)
    made = {"date": datetime.date(2026, 11, 21), "versions": {"numpy": "2.4.6"}}
    values = {
        "b": library.BestKnown(
            instance_sha256="1", best=3, bound=None, status="feasible", method="m", bound_method=None, **made
        ),
        "a": library.BestKnown(
            instance_sha256="2", best=4, bound=4, status="optimal", method="n", bound_method="o", **made
        ),
    }
    library.write_known(values)
    assert library.known() == values
    assert list(json.loads((tmp_path / "known.json").read_text())) == ["a", "b"]
