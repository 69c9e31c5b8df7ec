"""Files of PyTorch are read without PyTorch, and nothing that they name is run."""

from __future__ import annotations

import json
import os
import pickle
import random
import subprocess
import tracemalloc
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from partload.cli import run
from partload.instances.checkpoints import examples, pytorch
from partload.instances.checkpoints.reading import read
from partload.instances.checkpoints.scan import scan
from partload.instances.errors import InputError
from tests.support.hostile_checkpoints import changed
from tests.support.torch_files import FakeStorage, FakeTensor, archive, encode, save, tensor

WEIGHTS = {"a.weight": np.arange(6, dtype=np.float32).reshape(2, 3), "a.steps": np.arange(4, dtype=np.int64)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.pt"


def stored(path: Path) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    content = path.read_bytes()
    return {
        each.name: (each.dtype, each.shape, content[each.offset : each.offset + each.size_bytes])
        for each in read(path).tensors
    }


EXPECTED = {
    "a.weight": ("F32", (2, 3), WEIGHTS["a.weight"].tobytes()),
    "a.steps": ("I64", (4,), WEIGHTS["a.steps"].tobytes()),
}


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_dictionary_of_tensors_is_read(path: Path, protocol: int):
    made = OrderedDict((name, tensor(values)) for name, values in WEIGHTS.items())
    made._metadata = {"": {"version": 1}}  # type: ignore[attr-defined]
    path.write_bytes(encode(made, protocol))
    assert stored(path) == EXPECTED
    assert list(stored(path)) == list(WEIGHTS)


def test_a_training_checkpoint_holds_the_weights_under_state_dict(path: Path):
    weights = {name: tensor(values) for name, values in WEIGHTS.items()}
    path.write_bytes(encode({"state_dict": weights, "epoch": 3, "optimizer": {"momentum": tensor(np.zeros(3, "f4"))}}))
    assert stored(path) == EXPECTED
    path.write_bytes(encode({"first": weights, "more": [tensor(WEIGHTS["a.steps"])], "lr": 1e-3, "none": None}))
    assert set(stored(path)) == {"first.a.weight", "first.a.steps", "more.0"}


def test_views_of_one_storage_have_their_own_bytes(path: Path):
    whole = FakeStorage(np.arange(10, dtype=np.float32))
    path.write_bytes(encode({"head": FakeTensor(whole, 0, (2, 2), (2, 1)), "tail": FakeTensor(whole, 4, (6,), (1,))}))
    assert stored(path)["tail"] == ("F32", (6,), np.arange(4, 10, dtype=np.float32).tobytes())


def test_views_may_share_bytes_but_not_make_a_large_model_of_a_small_file(path: Path):
    whole = FakeStorage(np.zeros(10_000, np.float32))
    views = {str(n): FakeTensor(whole, n, (10_000 - n,), (1,)) for n in range(10)}
    path.write_bytes(encode({name: views[name] for name in "0123"}))
    assert len(stored(path)) == 4
    path.write_bytes(encode(views))
    with pytest.raises(
        InputError, match=r"expected tensors that share few bytes, they have 399820 in 4\d{4} of the file"
    ):
        read(path)


def test_a_transposed_tensor_is_its_own_type(path: Path):
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    path.write_bytes(encode({"a": tensor(values.T), "b": tensor(values.reshape(3, 2))}))
    found = stored(path)
    assert found["a"][0] == "F32 order 1 0"
    assert found["b"][0] == "F32"


@pytest.mark.parametrize(
    ("shape", "strides", "start", "message"),
    [
        ((3,), (2,), 0, "expected a dense tensor"),
        ((5, 5), (0, 1), 0, "expected a dense tensor"),
        ((2, 2), (2,), 0, "expected a dense tensor"),
        ((6,), (1,), 1, "expected its elements within its storage"),
        ((2**62, 2**62), (2**62, 1), 0, "expected its elements within its storage"),
        ((-6,), (1,), 0, "expected a well-formed pickle of tensors"),
        ((1,) * 65, (1,) * 65, 0, "expected a well-formed pickle of tensors"),
    ],
)
def test_tensors_that_are_not_dense_or_outside_are_refused(
    path: Path, shape: tuple[int, ...], strides: tuple[int, ...], start: int, message: str
):
    path.write_bytes(encode({"a": FakeTensor(FakeStorage(np.zeros(6, dtype=np.float32)), start, shape, strides)}))
    with pytest.raises(InputError, match=message):
        read(path)


class Runs:
    """A pickle of this runs a command when it is unpickled."""

    def __init__(self, function: object, *given: object) -> None:
        self.call = function, given

    def __reduce__(self) -> object:
        return self.call


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("function", [os.system, eval, exec, subprocess.check_output])
def test_a_pickle_that_runs_code_runs_nothing(
    tmp_path: Path, protocol: int, function: object, capsys: pytest.CaptureFixture[str]
):
    made = tmp_path / "made"
    code = f"touch {made}" if function in (os.system, subprocess.check_output) else f"open({str(made)!r}, 'w')"
    payload = pickle.dumps({"a": Runs(function, code)}, protocol)
    path = tmp_path / "model.bin"
    path.write_bytes(archive({"data.pkl": payload}))
    assert run(["scan", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "nothing of it was run" in said or "has the instruction" in said
    assert not made.exists()
    path.write_bytes(payload)  # Without an archive, as PyTorch wrote files before 1.6.
    assert run(["scan", str(path)]) == 2
    assert "expected a ZIP archive, as torch.save writes it" in capsys.readouterr().err
    assert not made.exists()


def test_a_call_of_what_is_known_with_what_is_not_runs_nothing(path: Path):
    for payload in (
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(X\x01\0\0\0atR.",
        b"\x80\x02ctorch\nFloatStorage\n)R.",
        b"\x80\x02}}R.",
        b"\x80\x02ccollections\nOrderedDict\n)R}b0.",
        b"\x80\x02" + b"2" * 10 + b".",
        b"\x80\x02)Q.",
        b"\x80\x02}(X\x01\0\0\0as.",
        b"\x80\x02h\x05.",
        b"\x80\x02}",
        b".",
        b"",
    ):
        path.write_bytes(archive({"data.pkl": payload}))
        with pytest.raises(InputError, match="pickle"):
            read(path)


def test_dictionaries_that_would_never_end_are_refused(path: Path):
    ring: dict[str, object] = {}
    ring["a"] = ring
    path.write_bytes(encode(ring))
    with pytest.raises(InputError, match="each in one place"):
        read(path)
    deep: object = tensor(WEIGHTS["a.steps"])
    for _ in range(30):
        deep = {"a": deep}
    path.write_bytes(encode(deep))
    with pytest.raises(InputError, match="in at most 20 others"):
        read(path)


def test_names_are_text(path: Path):
    path.write_bytes(encode({"\ud800": tensor(WEIGHTS["a.steps"])}))
    with pytest.raises(InputError, match="holds half a character"):
        read(path)
    path.write_bytes(encode({"größe": tensor(WEIGHTS["a.steps"])}))
    assert list(stored(path)) == ["größe"]


def test_shards_are_read_by_their_index(tmp_path: Path):
    for name, values in WEIGHTS.items():
        save(tmp_path / f"{name}.bin", {name: values})
    index = {"weight_map": {name: f"{name}.bin" for name in WEIGHTS}}
    (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    assert {each.name for each in read(tmp_path).tensors} == set(WEIGHTS)


def test_archives_that_are_not_right_are_refused(path: Path):
    good = encode({"a": tensor(WEIGHTS["a.steps"])})
    pickled = zipfile.ZipFile(_file(path, good)).read("archive/data.pkl")
    for content, message in (
        (b"", "expected a ZIP archive"),
        (good[: len(good) // 2], "expected a ZIP archive"),
        (archive({"data.pkl": pickled}, zipfile.ZIP_DEFLATED), "expected entries that are not compressed"),
        (archive({"data.pkl": pickled}), "expected its storage '0' in the archive"),
        (archive({"data.pkl": pickled, "data/0": b"short"}), "expected a storage as long as the pickle says"),
        (archive({"data/0": b""}), "expected one entry FOLDER/data.pkl"),
        (archive({"data.pkl": pickled, "byteorder": b"big"}), "expected tensors in little-endian order"),
    ):
        path.write_bytes(content)
        with pytest.raises(InputError, match=message):
            read(path)


def test_entries_that_share_bytes_are_refused(path: Path):
    """The second storage lies where the first one does, by the list of entries: bytes that the file does not have."""
    content = bytearray(encode({name: tensor(np.full(4, n, np.float32)) for n, name in enumerate("ab")}))
    first, second = (content.rindex(f"archive/data/{n}".encode()) for n in range(2))
    content[second - 4 : second] = content[first - 4 : first]  # Where its header begins.
    with pytest.raises(InputError, match="'archive/data/1': expected entries that follow one another, this one overla"):
        read(_file(path, bytes(content)))


def _file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=pytest.mark.long)])
def test_changed_files_are_read_or_refused(count: int, path: Path):
    good, draw = encode({name: tensor(values) for name, values in WEIGHTS.items()}), random.Random(3)
    refused = 0
    for _ in range(count):
        path.write_bytes(changed(good, draw))
        try:
            read(path)
        except InputError as error:
            assert str(error).isprintable()  # noqa: PT017
            refused += 1
    assert 0.1 * count < refused < count


def test_a_model_saved_twice_is_one(tmp_path: Path):
    weights = examples.network(0)
    examples.write(tmp_path / "one.safetensors", weights)
    save(tmp_path / "two.bin", weights)
    found = scan([tmp_path / "one.safetensors", tmp_path / "two.bin"])
    assert [block.id for block in found.blocks] == ["all"]


def test_what_lies_in_a_long_list_is_not_held_twice():
    lists = [[] for _ in range(100_000)]
    tracemalloc.start()
    assert list(pytorch._walk(lists)) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000
