"""A scan finds what checkpoints share, by content, wherever and however they lie."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from partload.instances.checkpoints import examples
from partload.instances.checkpoints.content import contents, key_of
from partload.instances.checkpoints.examples import write, write_cached, write_sharded
from partload.instances.checkpoints.reading import read
from partload.instances.checkpoints.scan import Scan, scan
from partload.instances.errors import InputError

HEAD_BYTES = 2 * examples.CLASSES * examples.WIDTH
BACKBONE_BYTES = sum(values.nbytes for values in examples.network(0).values()) - HEAD_BYTES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("examples")
    examples.write_all(made)
    return made


def sizes(found: Scan) -> dict[str, int]:
    return {block.id: block.size_bytes for block in found.blocks}


def test_a_backbone_is_one_block_and_each_head_another(folder: Path):
    found = scan([folder / "backbone" / name for name in ("birds", "cars", "food")])
    private = {f"{name}.private": HEAD_BYTES for name in ("birds", "cars", "food")}
    assert sizes(found) == {"all": BACKBONE_BYTES} | private
    assert [block.id for block in found.blocks_of["cars"]] == ["all", "cars.private"]


def test_ids_do_not_depend_on_the_order_of_the_checkpoints(folder: Path):
    paths = [folder / "lora" / "base", folder / "lora" / "poems", folder / "unrelated" / "one"]
    one, other = sizes(scan(paths)), sizes(scan(paths[::-1]))
    assert "base+poems" in one
    assert one == other


def test_an_adapter_has_the_blocks_of_its_base(folder: Path):
    found = scan([folder / "lora" / name for name in ("base", "code", "poems")])
    assert sizes(found)["all"] == BACKBONE_BYTES + HEAD_BYTES
    assert [(model.id, model.base) for model in found.models] == [("base", None), ("code", "base"), ("poems", "base")]
    assert {block.id for block in found.blocks_of["code"]} == {"all", "code.private"}


def test_an_adapter_file_has_its_base_too(folder: Path):
    found = scan([folder / "lora" / "base", folder / "lora" / "code" / "adapter_model.safetensors"])
    assert found.models[1].base == "base"


def test_an_adapter_without_its_base_is_refused(folder: Path):
    with pytest.raises(InputError, match="expected the adapter's base 'example/base' among the checkpoints"):
        scan([folder / "lora" / "code", folder / "lora" / "poems"])


def test_an_adapter_of_a_network_in_onnx_is_refused(folder: Path, tmp_path: Path):
    (tmp_path / "base.onnx").touch()
    with pytest.raises(InputError, match="code: expected a base with tensors, a network in ONNX has none"):
        scan([folder / "lora" / "code", tmp_path / "base.onnx"])


def test_unrelated_networks_share_nothing(folder: Path):
    assert set(sizes(scan([folder / "unrelated" / name for name in ("one", "two")]))) == {"one.private", "two.private"}


def test_the_bytes_of_a_block_are_those_of_its_tensors(folder: Path):
    found = scan([folder / "backbone" / "food", folder / "backbone" / "birds"])
    weights = {**examples.network(0), "head.weight": examples.network(3)["head.weight"]}
    for block, names in zip(found.blocks, [[*list(weights)[:-1]], ["head.weight"]]):
        stored = b"".join(part.real.read_bytes()[offset : offset + size] for part, offset, size in block.ranges)
        assert stored == b"".join(weights[name].tobytes() for name in names)


def test_equal_blobs_of_a_cache_are_equal_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for repository in ("example/birds", "copies/birds-again"):
        write_cached(tmp_path, repository, {"w": np.zeros(5000, dtype=np.float32)})
    monkeypatch.setattr("partload.instances.checkpoints.content.read_into", None)  # Reading would fail.
    found = scan([tmp_path / "models--example--birds", tmp_path / "models--copies--birds-again"])
    assert sizes(found) == {"all": 20_000}
    assert [model.id for model in found.models] == ["birds", "birds-again"]


def test_a_snapshot_and_its_blob_are_found(folder: Path):
    snapshot = next((folder / "hub" / "models--example--cars" / "snapshots").iterdir())
    assert read(snapshot).names[:2] == ("cars", "example/cars")
    assert read(snapshot / "model.safetensors").tensors == read(snapshot).tensors


def test_shards_in_a_cache_are_found(tmp_path: Path):
    write_sharded(tmp_path / "plain", examples.network(0), 3)
    repository = tmp_path / "models--me--mine"
    snapshot = repository / "snapshots" / "0"
    for folder in (snapshot, repository / "blobs"):
        folder.mkdir(parents=True)
    for file in (tmp_path / "plain").iterdir():
        blob = hashlib.sha256(file.read_bytes()).hexdigest()
        shutil.copy(file, repository / "blobs" / blob)
        (snapshot / file.name).symlink_to(Path("..", "..", "blobs", blob))
    found = scan([repository, tmp_path / "plain"])
    assert sizes(found) == {"all": BACKBONE_BYTES + HEAD_BYTES}
    assert [model.id for model in found.models] == ["mine", "plain"]


def test_small_differences_at_any_place_are_found(tmp_path: Path):
    values = np.zeros(5000, dtype=np.float32)
    write(tmp_path / "same.safetensors", {"w": values})
    write(tmp_path / "zero.safetensors", {"another name": values})
    for place in (0, 1023, 1024, 4999):
        changed = values.copy()
        changed[place] = 1
        write(tmp_path / f"at{place}.safetensors", {"w": changed})
    found = scan(sorted(tmp_path.glob("*.safetensors")))
    assert sorted(sizes(found)) == ["at0.private", "at1023.private", "at1024.private", "at4999.private", "same+zero"]


def test_type_and_shape_tell_tensors_apart(tmp_path: Path):
    zeros = np.zeros(16, dtype=np.float32)
    write(tmp_path / "a.safetensors", {"x": zeros})
    write(tmp_path / "b.safetensors", {"x": zeros.reshape(4, 4)})
    write(tmp_path / "c.safetensors", {"x": zeros.view(np.int32)})
    assert set(sizes(scan(sorted(tmp_path.glob("*"))))) == {"a.private", "b.private", "c.private"}


def test_content_that_a_model_holds_twice_is_loaded_once(tmp_path: Path):
    tied = np.arange(32, dtype=np.float32)
    write(tmp_path / "a.safetensors", {"embed": tied, "head": tied})
    assert sizes(scan([tmp_path / "a.safetensors"])) == {"a.private": tied.nbytes}


@pytest.mark.parametrize("name", ["sha256", "blake3"])
def test_every_hash_finds_the_same(folder: Path, name: str):
    paths = [folder / "backbone" / each for each in ("birds", "cars", "food")]
    assert scan(paths, hash=name).blocks == scan(paths).blocks


def test_progress_ends_with_all_bytes(tmp_path: Path):
    for name in "ab":
        write(tmp_path / f"{name}.safetensors", {"w": np.zeros(3_000_000, dtype=np.uint8)})
    heard: list[tuple[int, int]] = []
    scan([tmp_path / "a.safetensors", tmp_path / "b.safetensors"], listener=lambda *both: heard.append(both))
    assert heard == sorted(heard)
    assert heard[-1] == (6_000_000, 6_000_000)


def test_two_files_of_one_name_are_called_by_their_folders(folder: Path):
    found = scan([folder / "backbone" / name / "model.safetensors" for name in ("birds", "cars")])
    assert [model.id for model in found.models] == ["birds/model", "cars/model"]


def test_one_checkpoint_twice_is_refused(folder: Path):
    with pytest.raises(InputError, match="expected checkpoints of different names"):
        scan([folder / "backbone" / "birds"] * 2)


def test_many_models_have_blocks_of_short_different_ids(tmp_path: Path):
    shared = {f"w{number}": np.full(8, number, dtype=np.float32) for number in range(3)}
    for number in range(20):
        own = {"head": np.full(4, number, dtype=np.float32)}
        part = {name: values for name, values in shared.items() if number % (int(name[1]) + 1) == 0}
        write(tmp_path / f"a_model_of_long_name_{number:02}.safetensors", part | own)
    found = scan(sorted(tmp_path.glob("*")))
    ids = [block.id for block in found.blocks]
    assert len(set(ids)) == len(ids) == 23
    assert max(map(len, ids)) <= 60
    assert found.blocks == scan(sorted(tmp_path.glob("*"))).blocks


def test_numbers_of_contents_do_not_depend_on_links(tmp_path: Path):
    write(tmp_path / "a.safetensors", {"w": np.zeros(8, dtype=np.float32)})
    os.link(tmp_path / "a.safetensors", tmp_path / "b.safetensors")
    tensors = [*read(tmp_path / "a.safetensors").tensors, *read(tmp_path / "b.safetensors").tensors]
    assert key_of(tensors[0]) == key_of(tensors[1])
    assert len(contents(tensors)) == 1


@pytest.fixture
def cached(tmp_path: Path) -> Path:
    write_cached(tmp_path, "me/mine", examples.network(0))
    return tmp_path / "models--me--mine"


def relinked(repository: Path, target: str) -> Path:
    link = next((repository / "snapshots").iterdir()) / "model.safetensors"
    link.unlink()
    link.symlink_to(target)
    return link


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../outside", "../../refs/main", "../../blobs/../refs/main"])
def test_links_out_of_the_folder_are_refused(cached: Path, target: str):
    (cached.parent / "outside").write_bytes(b"secret")
    relinked(cached, target)
    with pytest.raises(InputError, match="it is a link to elsewhere"):
        read(cached)


def test_links_to_the_blobs_of_another_repository_are_refused(cached: Path):
    write_cached(cached.parent, "me/other", examples.network(1))
    blob = next((cached.parent / "models--me--other" / "blobs").iterdir())
    relinked(cached, f"../../../models--me--other/blobs/{blob.name}")
    with pytest.raises(InputError, match="it is a link to elsewhere"):
        read(cached)


@pytest.mark.parametrize("linked", ["", "REVISION"])
def test_a_snapshot_that_is_a_link_out_of_the_repository_is_refused(cached: Path, linked: str):
    moved = cached / "snapshots" / (next((cached / "snapshots").iterdir()).name if linked else "")
    moved.rename(cached.parent / "elsewhere")
    moved.symlink_to(cached.parent / "elsewhere")
    for _ in range(2):
        with pytest.raises(InputError, match="it is a link to elsewhere"):
            read(cached)
        (cached / "refs" / "main").unlink(missing_ok=True)


def test_a_link_to_itself_and_one_to_nothing_are_refused(cached: Path):
    for target in ("model.safetensors", "../../blobs/gone"):
        relinked(cached, target)
        with pytest.raises(InputError, match="cannot be read"):
            read(cached)


def test_a_revision_is_a_name(cached: Path):
    for revision in ("../../elsewhere", "..", ""):
        (cached / "refs" / "main").write_text(revision)
        with pytest.raises(InputError, match="expected the name of a snapshot"):
            read(cached)
    (cached / "refs" / "main").unlink()
    assert read(cached).names[0] == "mine"
    shutil.copytree(next((cached / "snapshots").iterdir()), cached / "snapshots" / "second", symlinks=True)
    with pytest.raises(InputError, match="expected one snapshot, it has 2"):
        read(cached)


def test_two_snapshots_and_two_folders_of_a_repository_are_two_models(cached: Path):
    first = next((cached / "snapshots").iterdir())
    second = Path(shutil.copytree(first, cached / "snapshots" / "second", symlinks=True))
    assert [model.id for model in scan([first, second]).models] == [f"me/mine/{first.name}", "me/mine/second"]
    for part in ("unet", "vae"):
        write(second / part / "model.safetensors", {"a": np.ones(3, np.float32)})
    found = scan([second / "unet", second / "vae", cached])
    assert [model.id for model in found.models] == ["me/mine/unet", "me/mine/vae", "me/mine/models--me--mine"]
    with pytest.raises(InputError, match="both called 'me/mine/second'"):
        scan([second, second])


def test_an_index_lists_files_beside_it_and_exactly_their_tensors(tmp_path: Path):
    write_sharded(tmp_path / "a", examples.network(0), 2)
    index = tmp_path / "a" / "model.safetensors.index.json"
    good = json.loads(index.read_text())["weight_map"]
    first, second = sorted(set(good.values()))
    for changed, message in (
        (good | {"head.weight": "../a/" + second}, "expected the name of a file beside the index"),
        (good | {"head.weight": first}, "expected tensor 'head.weight' in"),
        (good | {"more": first}, "expected tensor 'more' in"),
        ({name: file for name, file in good.items() if name != "embed.weight"}, "'embed.weight' in the index"),
        (good | {"head.weight": "none.safetensors"}, "cannot be read"),
        (good | {"head.weight": 3}, "expected an object of texts"),
    ):
        index.write_text(json.dumps({"weight_map": changed}))
        with pytest.raises(InputError, match=message):
            read(tmp_path / "a")


def test_a_folder_has_one_checkpoint(tmp_path: Path):
    with pytest.raises(InputError, match="there is none"):
        read(tmp_path)
    write(tmp_path / "a.safetensors", examples.network(0))
    assert read(tmp_path).names == (tmp_path.name,)
    write(tmp_path / "b.safetensors", examples.network(1))
    with pytest.raises(InputError, match="expected one checkpoint, it has 2"):
        read(tmp_path)


def test_a_blob_that_is_not_named_by_its_hash_is_read(tmp_path: Path):
    for name, seed in (("one", 1), ("two", 2)):
        write_cached(tmp_path, f"me/{name}", examples.network(seed))
        repository = tmp_path / f"models--me--{name}"
        blob = next((repository / "blobs").iterdir())
        blob.rename(blob.with_name(hashlib.sha1(b"same").hexdigest()))
        relinked(repository, f"../../blobs/{hashlib.sha1(b'same').hexdigest()}")
    found = scan([tmp_path / "models--me--one", tmp_path / "models--me--two"])
    assert set(sizes(found)) == {"one.private", "two.private"}
