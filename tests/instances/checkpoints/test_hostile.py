"""Files that nobody should believe end in one line, whatever they say, and take no more memory than they are long."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors
import safetensors.numpy

from partload.cli import run
from partload.instances.checkpoints.reading import read
from partload.instances.errors import InputError
from tests.support.hostile_checkpoints import GOOD, SAMPLE, WRONG, changed, entry, many_tensors, stored

DEFAULT_RUN = 300


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_one_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    content, message = WRONG[name]
    path = tmp_path / "wrong.safetensors"
    path.write_bytes(content)
    assert run(["scan", str(path)]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith(f"partload: {path}")
    assert message in said.err


def test_a_good_file_is_read_as_the_library_of_the_format_reads_it(tmp_path: Path):
    path = tmp_path / "good.safetensors"
    safetensors.numpy.save_file(GOOD, path, metadata={"made": "here: {}"})
    found = {tensor.name: tensor for tensor in read(path).tensors}
    assert found.keys() == GOOD.keys()
    for name, values in GOOD.items():
        tensor = found[name]
        content = path.read_bytes()[tensor.offset : tensor.offset + tensor.size_bytes]
        assert (tensor.shape, content) == (values.shape, values.tobytes())


def outcome(path: Path) -> str:
    """What reading a file ends in; any exception but InputError fails the test."""
    try:
        read(path)
    except InputError as error:
        said = str(error)
    else:
        return "read"
    assert said.isprintable()
    return "refused"


def accepted_by_library(path: Path) -> bool:
    try:
        with safetensors.safe_open(path, "numpy"):
            return True
    except (safetensors.SafetensorError, OSError):
        return False


@pytest.mark.parametrize("count", [DEFAULT_RUN, pytest.param(10_000, marks=pytest.mark.long)])
def test_changed_files_are_read_or_refused(count: int, tmp_path: Path):
    path, draw = tmp_path / "changed.safetensors", random.Random(7)
    outcomes = {"read": 0, "refused": 0}
    for _ in range(count):
        content = changed(SAMPLE, draw)
        path.write_bytes(content)
        ended = outcome(path)
        outcomes[ended] += 1
        if ended == "read":
            assert accepted_by_library(path), content
    assert min(outcomes.values()) > 0.02 * count


def limited(mebibytes: int) -> Callable[[], None]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (mebibytes << 20, mebibytes << 20))

    return limit


def scanned_in(mebibytes: int, path: Path) -> tuple[int, str]:
    """Exit status and messages of a scan in a process of its own that may not take more memory than that."""
    call = [sys.executable, "-m", "partload", "scan", str(path)]
    done = subprocess.run(call, capture_output=True, text=True, preexec_fn=limited(mebibytes), timeout=60)
    return done.returncode, done.stderr


MEMORY_MIB = 700
"""Address space of a scan: Python with numpy takes about half of it before it reads anything."""


def test_a_million_tensors_are_refused_in_little_memory(tmp_path: Path):
    path = tmp_path / "many.safetensors"
    many_tensors(path, 1_000_000)
    status, said = scanned_in(MEMORY_MIB, path)
    assert (status, said.count("\n")) == (2, 1)
    assert "expected a safetensors header of at most 33554432 bytes" in said


def test_many_small_values_are_refused_in_little_memory(tmp_path: Path):
    path = tmp_path / "values.safetensors"
    path.write_bytes(stored(b'{"a":[' + b"{}," * 5_000_000 + b"1]}"))
    status, said = scanned_in(MEMORY_MIB, path)
    assert (status, said.count("\n")) == (2, 1)
    assert "expected JSON with at most 2,000,000 values" in said


def test_more_tensors_than_any_file_has_are_refused(tmp_path: Path):
    path = tmp_path / "many.safetensors"
    many_tensors(path, 100_001)
    with pytest.raises(InputError, match="at most 100,000 tensors in a file, it has 100,001"):
        read(path)


@pytest.mark.parametrize("what", ["folder", "pipe", "device"])
def test_what_is_no_file_is_refused(what: str, tmp_path: Path):
    path = tmp_path / "a.safetensors"
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        subprocess.run(["mkfifo", path], check=True)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(InputError, match="there is none" if what == "folder" else "expected a file"):
        read(path)


def test_an_index_of_many_values_is_refused(tmp_path: Path):
    (tmp_path / "model.safetensors.index.json").write_bytes(b'{"weight_map":[' + b"[]," * 2_000_000 + b"0]}")
    with pytest.raises(InputError, match="expected JSON with at most"):
        read(tmp_path)


@pytest.mark.parametrize("change", ["shrinks", "is replaced"])
def test_a_file_that_changes_is_noticed(tmp_path: Path, change: str):
    from partload.instances.checkpoints.content import contents

    path = tmp_path / "a.safetensors"
    path.write_bytes(stored({"a": entry(), "b": entry(data_offsets=[4, 8])}, b"\0" * 8))
    tensors = read(path).tensors
    if change == "shrinks":
        path.write_bytes(b"")
    else:
        (tmp_path / "new").write_bytes(path.read_bytes())
        (tmp_path / "new").replace(path)
    with pytest.raises(InputError, match="it changed while it was read"):
        contents(tensors)
