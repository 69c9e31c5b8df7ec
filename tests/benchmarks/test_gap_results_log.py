"""The file of a study: what is torn, strange or somebody else's, and that rows are never lost or doubled."""

from __future__ import annotations

import dataclasses
import errno
import os
from pathlib import Path

import pytest

from partload.benchmarks.gap import rows
from partload.benchmarks.gap.results_log import ResultsLog
from partload.benchmarks.gap.rows import Row, RunKey, Swept
from partload.instances.errors import InputError

ASKED = RunKey(
    instance='odd "näme"\n',
    instance_sha256="ab",
    swept=Swept(of="odd", parameter="bandwidth", value=0.1),
    method="exact",
    time_limit=1 / 3,
)


def row(seed: int, **changes) -> Row:
    values = {"status": "unknown", "requests": 1, "weight": 1.0, "total_s": 0.1, "versions": {}, "ended": "now"}
    return Row(asked=dataclasses.replace(ASKED, seed=seed), **(values | changes))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.jsonl"


def written(path: Path, *found: Row) -> bytes:
    with ResultsLog(path) as log:
        for each in found:
            log.add(each)
    return path.read_bytes()


def read(path: Path) -> list[Row]:
    with ResultsLog(path) as log:
        return list(log.rows.values())


def test_rows_come_back(path: Path):
    content = written(path, row(1), row(2, reason="why"))
    assert content.count(b"\n") == 2
    assert content.endswith(b"\n")
    assert read(path) == [row(1), row(2, reason="why")]
    assert path.read_bytes() == content, "reading changes nothing"
    written(path, row(3))
    assert path.read_bytes().startswith(content)
    assert len(read(path)) == 3


def test_rows_without_a_file():
    with ResultsLog(None) as log:
        log.add(row(1))
        assert log.rows == {row(1).asked: row(1)}


def test_wherever_a_line_is_torn_it_is_cut_off_and_the_rest_is_kept(path: Path):
    whole = written(path, row(1))
    both = whole + rows.render(row(2)).encode()
    for length in (*range(len(whole), len(both), 9), len(both) - 1):
        path.write_bytes(both[:length])
        assert read(path) == [row(1)]
        assert path.read_bytes() == whole


def test_a_line_that_lacks_only_its_end_is_kept(path: Path):
    content = written(path, row(1), row(2))
    path.write_bytes(content[:-1])
    assert read(path) == [row(1), row(2)]
    assert path.read_bytes() == content


def test_the_first_of_equal_runs_counts(path: Path):
    first, second = row(1, reason="first"), row(1, reason="second")
    path.write_text(f"{rows.render(first)}\n{rows.render(second)}\n")
    assert read(path) == [first]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("# a table\n", "line 1: expected a row of a study"),
        ("no end of line", "line 1: expected a row of a study"),
        ("[1]\n", "line 1: expected a row of a study"),
        ("ROW\n\nROW\n", "line 2: expected a row of a study"),
        ("ROW\n{}\n", "line 2: expected a row of a study"),
        ('ROW\nROW\n{"format":"partload/partial-loading"', "line 3: expected a row of a study"),
        ('ROW\n{"format":"partload/gap-row","version":2}\n', "line 2: expected version 1, got 2"),
        ('{"format":"partload/gap-row","version":1}\n', "line 1: asked"),
        ('{"format":"partload/gap-row","version":1}', "line 1: asked"),
    ],
)
def test_a_file_of_something_else_is_refused_and_left_as_it_is(path: Path, content: str, problem: str):
    content = content.replace("ROW", rows.render(row(1)))
    path.write_text(content)
    with pytest.raises(InputError, match=problem) as refused:
        ResultsLog(path)
    assert str(refused.value).startswith(f"{path}: line ")
    assert path.read_text() == content
    path.write_text("")
    written(path, row(1))


def test_two_studies_do_not_write_one_file(path: Path):
    pytest.importorskip("fcntl")
    with ResultsLog(path), pytest.raises(InputError, match="another study is writing here"):
        ResultsLog(path)
    written(path, row(1))


def test_what_cannot_be_written_is_refused(tmp_path: Path):
    for place in (tmp_path, tmp_path / "none" / "rows.jsonl"):
        with pytest.raises(InputError, match="cannot write here"):
            ResultsLog(place)


def test_a_full_disk_leaves_whole_rows(path: Path, monkeypatch: pytest.MonkeyPatch):
    content = written(path, row(1))
    write = os.write

    def half(file: int, data: bytes) -> int:
        monkeypatch.setattr(os, "write", full)
        return write(file, data[: len(data) // 2])

    def full(file: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with ResultsLog(path) as log:
        monkeypatch.setattr(os, "write", half)
        with pytest.raises(InputError, match="No space left"):
            log.add(row(2))
        assert list(log.rows.values()) == [row(1)]
    assert path.read_bytes() == content
