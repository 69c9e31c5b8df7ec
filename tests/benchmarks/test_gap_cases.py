"""What a study is over."""

from __future__ import annotations

import shutil

import pytest

from partload import solvers
from partload.benchmarks.gap.cases import cases
from partload.benchmarks.gap.rows import Swept
from partload.instances import files, library
from partload.instances.errors import InputError
from partload.instances.variations import read_sweep, varied


def names(*sources, sweeps=()):
    return [case.instance.name for case in cases(sources, sweeps)]


def test_files_folders_names_and_instances(tmp_path):
    for name in ("three-models", "full-batch"):
        shutil.copy(library.path(name), tmp_path / f"{name}.json")
    one = library.load("static-band")
    found = names("edge-demo", tmp_path, tmp_path / "full-batch.json", one)
    assert found == ["edge-demo", "full-batch", "three-models", "full-batch", "static-band"]


def test_solutions_in_a_folder_are_left_out(tmp_path):
    shutil.copy(library.path("three-models"), tmp_path)
    files.write(solvers.solve(library.load("three-models")), tmp_path / "solution.json")
    assert names(tmp_path) == ["three-models"]


def test_families_with_ranges():
    assert names("general:models=4,requests=8,seed=0:2:3") == ["general-4x8-0", "general-4x8-1", "general-4x8-2"]
    assert names("general:models=3,bandwidth=1e6:2e6:2,integer=false") == [
        "general-3x20-0 bandwidth=1000000",
        "general-3x20-0 bandwidth=2000000",
    ]
    assert cases(["lora:residency=cached,max-batch=2"])[0].instance.server.residency == "cached"
    assert names("nested:") == ["nested-6x20-0"]


def test_sweeps_take_the_place_of_the_instance():
    found = cases(["three-models", "edge-demo"], [read_sweep("bandwidth=1e6:2e6:2"), read_sweep("shared=0")])
    assert len(found) == 2 * 3
    assert found[1].swept == Swept(of="three-models", parameter="bandwidth", value=2e6)
    assert found[1].instance == varied(library.load("three-models"), "bandwidth", 2e6)
    assert [case.swept.parameter for case in found[3:]] == ["bandwidth", "bandwidth", "shared"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("no-such", "no-such: no instance of that name"),
        ("missing.json", "missing.json: cannot be read"),
        ("general:model=3", "general: model: unknown option, did you mean 'models'?"),
        ("general:models", "general: expected OPTION=VALUE, got 'models'"),
        ("general:models=2.5", "general: models: expected whole numbers, got '2.5'"),
        ("general:residency=gone", "general: residency: expected 'previous' or 'cached', got 'gone'"),
        ("general:deadline=0:1:2", "general: deadline: expected greater than 0"),
    ],
)
def test_what_is_no_instance_is_refused(source, message):
    with pytest.raises(InputError) as caught:
        cases([source])
    assert str(caught.value).startswith(message)


def test_nothing_is_refused(tmp_path):
    with pytest.raises(InputError, match="there are none"):
        cases([tmp_path])
    with pytest.raises(InputError, match="expected an instance"):
        cases([])


def test_a_broken_file_in_a_folder_is_refused(tmp_path):
    (tmp_path / "broken.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match=r"broken\.json: format: expected this key"):
        cases([tmp_path])
