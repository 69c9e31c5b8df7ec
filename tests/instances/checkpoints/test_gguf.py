"""GGUF files are read as the package of the format writes and reads them, and believed in nothing."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import gguf
import numpy as np
import pytest

from partload.instances.checkpoints.gguf import TYPES
from partload.instances.checkpoints.reading import read
from partload.instances.checkpoints.scan import scan
from partload.instances.errors import InputError
from tests.support.hostile_checkpoints import changed


def write(path: Path, seed: int = 0, alignment: int | None = None) -> None:
    """A file with metadata of every kind, and tensors of three types."""
    random_numbers = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "llama")
    if alignment is not None:
        writer.add_custom_alignment(alignment)
    writer.add_uint32("some.number", 7)
    writer.add_float64("some.fraction", 0.5)
    writer.add_bool("some.truth", True)
    writer.add_string("some.text", "Grüße")
    writer.add_array("some.words", ["a", "bc", ""] * 10)
    writer.add_array("some.numbers", list(range(100)))
    writer.add_tensor("token_embd.weight", np.arange(30, dtype=np.float32).reshape(5, 6))
    writer.add_tensor("blk.0.attn.weight", random_numbers.standard_normal((3, 32)).astype(np.float16))
    raw = random_numbers.integers(0, 256, (4, 68), dtype=np.uint8)
    writer.add_tensor("blk.0.ffn.weight", raw, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.mark.parametrize("alignment", [None, 64])
def test_a_file_is_read_as_the_package_reads_it(tmp_path: Path, alignment: int | None):
    path = tmp_path / "model.gguf"
    write(path, alignment=alignment)
    found = read(path).tensors
    expected = gguf.GGUFReader(path).tensors
    assert [tensor.name for tensor in found] == [tensor.name for tensor in expected]
    for tensor, known in zip(found, expected):
        assert (tensor.offset, tensor.size_bytes) == (known.data_offset, known.n_bytes)
        assert tensor.dtype == known.tensor_type.name
        assert tensor.shape == tuple(known.shape[::-1].tolist())


def test_types_are_those_of_the_package():
    known = {int(kind): (kind.name, *sizes) for kind, sizes in gguf.GGML_QUANT_SIZES.items()}
    assert {number: TYPES[number] for number in known if number in TYPES} == {
        number: entry for number, entry in known.items() if number in TYPES
    }


def test_models_share_what_is_equal(tmp_path: Path):
    write(tmp_path / "a.gguf", 1)
    write(tmp_path / "b.gguf", 2)
    found = scan([tmp_path / "a.gguf", tmp_path / "b.gguf"])
    assert {block.id: block.size_bytes for block in found.blocks} == {"all": 120, "a.private": 464, "b.private": 464}


def test_parts_make_one_model(tmp_path: Path):
    for number in (1, 2):
        path = tmp_path / f"model-{number:05}-of-00002.gguf"
        writer = gguf.GGUFWriter(path, "llama")
        writer.add_tensor(f"blk.{number}.weight", np.zeros(8, dtype=np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    assert len(read(tmp_path).tensors) == 2
    with pytest.raises(InputError, match="this is one of 2 files: name the folder"):
        read(path)
    path.unlink()
    with pytest.raises(InputError, match="this is one of 2 files"):
        read(tmp_path)


HEAD = b"GGUF" + struct.pack("<IQQ", 3, 1, 0)
NAME = struct.pack("<Q", 1) + b"a"


ONE_KEY = HEAD[:16] + struct.pack("<Q", 1) + NAME


def described(shape: tuple[int, ...], kind: int = 0, offset: int = 0) -> bytes:
    return NAME + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)


def padded(head: bytes, data: bytes) -> bytes:
    return head + bytes(-len(head) % 32) + data


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it does not begin with GGUF"),
        (b"GGML" + bytes(100), "it does not begin with GGUF"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "of version 2 or 3 in little-endian order, got 50331648"),
        (b"GGUF" + struct.pack("<IQQ", 3, 10**6, 0), "at most 100,000 tensors in a file, it has 1,000,000"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 2**64 - 1), "it ends at 24, is it complete?"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**63), "expected 9223372036854775808 bytes"),
        (ONE_KEY + struct.pack("<IIQ", 9, 0, 2**62), "4611686018427387904 bytes at"),
        (ONE_KEY + struct.pack("<IIQ", 9, 8, 2**62), "it ends at"),
        (
            HEAD[:16] + struct.pack("<Q", 1) + NAME + struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 9,
            "expected a type of metadata",
        ),
        (ONE_KEY + struct.pack("<I", 99), "expected a type of metadata"),
        (HEAD[:16] + struct.pack("<Q", 2) + (NAME + struct.pack("<IB", 0, 1)) * 2, "'a' is repeated"),
        (
            HEAD[:16]
            + struct.pack("<Q", 10_001)
            + b"".join(struct.pack("<Q5sIB", 5, b"%05d" % n, 0, 1) for n in range(10_001)),
            "at most 10,000 keys of metadata, it has 10,001",
        ),
        (HEAD + NAME + struct.pack("<I", 2**31), "at most 64 dimensions"),
        (padded(HEAD + described((2**63, 2**63)), bytes(32)), "the file ends at 128"),
        (padded(HEAD + described((16,)), bytes(32)), "expected 64 bytes at 64, the file ends at 96"),
        (padded(HEAD + described((8,), offset=2**64 - 32), bytes(32)), "the file ends at 96"),
        (padded(HEAD + described((8,), offset=5), bytes(64)), "a multiple of 32, got 5"),
        (padded(HEAD + described((8,), offset=32), bytes(64)), "leaves a gap before it"),
        (padded(HEAD + described((33,), kind=2), bytes(64)), "rows of a multiple of 32 elements in type Q4_0"),
        (padded(HEAD + described((8,), kind=77), bytes(32)), "expected a type of GGUF, got number 77"),
        (padded(HEAD + described((8,)), bytes(200)), "168 bytes follow"),
        (padded(HEAD[:8] + struct.pack("<QQ", 2, 0) + described((8,)) * 2, bytes(32)), "overlaps the tensor before"),
        (HEAD[:16] + struct.pack("<QQ", 1, 1) + b"\xff", "expected UTF-8 text"),
    ],
)
def test_what_is_not_right_is_refused(tmp_path: Path, content: bytes, message: str):
    path = tmp_path / "wrong.gguf"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message.replace("?", r"\?")) as refused:
        read(path)
    assert str(refused.value).isprintable()
    assert refused.value.source == str(path)


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=pytest.mark.long)])
def test_changed_files_are_read_or_refused(count: int, tmp_path: Path):
    path, draw = tmp_path / "model.gguf", random.Random(5)
    write(path)
    good = path.read_bytes()
    header = len(good) - 800
    refused = 0
    for _ in range(count):
        path.write_bytes(changed(good[:header], draw) + good[header:])
        try:
            read(path)
        except InputError as error:
            assert str(error).isprintable()  # noqa: PT017
            refused += 1
    assert 0.1 * count < refused < count
