"""A gap study on a cluster of Dask, whose workers have not the modules of a user, and one of which dies."""

from __future__ import annotations

from pathlib import Path

import pytest

from partload.benchmarks.gap import cluster, rows
from partload.benchmarks.gap.progress import StudyProgress
from partload.benchmarks.gap.study import gap
from partload.instances import extras
from partload.instances.errors import InputError

OWN = "mine.heuristics:"
HEURISTICS = """
import own_helper
from tests.support.own_heuristics import kills_its_parent_once

def helped(instance):
    return own_helper.help_with(instance)

def fails(instance):
    return own_helper.nothing_of_that_name
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def address(folder: Path):
    """Of a scheduler with two workers, in processes that were there before the modules of the user."""
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MARKS", str(folder))
        with distributed.LocalCluster(**options, silence_logs=50) as local:
            (folder / "mine").mkdir()
            (folder / "mine" / "__init__.py").touch()
            (folder / "mine" / "heuristics.py").write_text(HEURISTICS)
            (folder / "own_helper.py").write_text("def help_with(instance):\n    return []\n")
            patched.chdir(folder)
            yield local.scheduler_address


@pytest.mark.long
def test_a_study_on_a_cluster_of_which_a_worker_dies(address: str, folder: Path):
    path = folder / "rows.jsonl"
    methods = [OWN + "helped", OWN + "kills_its_parent_once", OWN + "fails", "greedy-rate", "milp"]
    study = gap(["three-models", "full-batch"], methods, dask=address, output=path)
    assert study.complete
    assert (folder / "once").exists(), "a worker died"
    assert [row.status for row in study.rows] == ["unknown", "unknown", "failed", "feasible", "optimal"] * 2
    assert "AttributeError" in study.rows[2].reason
    assert path.read_text().splitlines() == sorted({rows.render(row) for row in study.rows}, key=path.read_text().index)


def test_a_study_that_is_given_up_leaves_the_cluster_to_the_next(address: str):
    class GivenUpError(Exception):
        pass

    def give_up(progress: StudyProgress) -> None:
        if progress.done == 1:
            raise GivenUpError

    with pytest.raises(GivenUpError):
        gap("three-models", ["exact", "tests.support.own_heuristics:never"], dask=address, progress=give_up)
    methods = [f"tests.support.own_heuristics:{name}" for name in ("nobody", "the_first", "fails")]
    assert [row.status for row in gap("three-models", methods, dask=address).rows][:2] == ["unknown", "feasible"]


def test_workers_of_another_version_are_refused(address: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(cluster.installed(), "partload", "0.0.1")
    with pytest.raises(InputError, match=r"expected workers with partload 0\.0\.1, there are some with"):
        gap("three-models", ["exact"], dask=address)


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    def missing(name: str):
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(extras.importlib, "import_module", missing)
    with pytest.raises(InputError, match=r"pip install 'partload\[dask\]'"):
        cluster.Cluster([], "tcp://127.0.0.1:1")
