"""Checkpoints to try things on: small, made of random numbers, and laid out as those that are published.

python -m partload.instances.checkpoints.examples FOLDER --width 1024

A network of width W has about 16 W^2 parameters of two bytes: 167 kB at 64, the default, and 34 MB at 1,024.

- ``backbone/``: three models with one backbone, bit for bit, and a head of their own. One is sharded.
- ``lora/``: a base and two adapters with their configurations.
- ``unrelated/``: two networks of the same shapes and nothing in common, as after training all weights.
- ``hub/``: two of the first models as repositories in the cache of Hugging Face, with links to one blob.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float16] | NDArray[np.float32] | NDArray[np.float64]
Whole = NDArray[np.int32] | NDArray[np.int64] | NDArray[np.uint8]
Weights = Mapping[str, Float | Whole]
DTYPES = {
    "float32": "F32",
    "float16": "F16",
    "float64": "F64",
    "int64": "I64",
    "int32": "I32",
    "uint8": "U8",
    "int8": "I8",
}
WIDTH, LAYERS, CLASSES, RANK = 64, 4, 10, 4


def encode(weights: Weights) -> bytes:
    """The content of a safetensors file."""
    header: dict[str, object] = {}
    offset = 0
    for name, values in weights.items():
        end = offset + values.nbytes
        header[name] = {"dtype": DTYPES[values.dtype.name], "shape": list(values.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(values.tobytes() for values in weights.values())


def write(path: Path, weights: Weights) -> None:
    """Write a safetensors file, and the folders that lead to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(weights))


def write_sharded(folder: Path, weights: Weights, shards: int) -> None:
    """Write a folder with several safetensors files and their index."""
    names = [f"model-{number + 1:05}-of-{shards:05}.safetensors" for number in range(shards)]
    place = {name: names[number * shards // len(weights)] for number, name in enumerate(weights)}
    for file in names:
        write(folder / file, {name: values for name, values in weights.items() if place[name] == file})
    index = {"metadata": {"total_size": sum(values.nbytes for values in weights.values())}, "weight_map": place}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")


def write_cached(hub: Path, repository: str, weights: Weights) -> None:
    """Lay a model into a cache of Hugging Face: content in ``blobs``, a link to it in ``snapshots``."""
    folder = hub / ("models--" + repository.replace("/", "--"))
    content = encode(weights)
    blob = folder / "blobs" / hashlib.sha256(content).hexdigest()
    revision = hashlib.sha1(repository.encode()).hexdigest()
    snapshot = folder / "snapshots" / revision
    for made in (blob.parent, snapshot, folder / "refs"):
        made.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(content)
    (folder / "refs" / "main").write_text(revision, encoding="utf-8")
    link = snapshot / "model.safetensors"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("..", "..", "blobs", blob.name))


def network(seed: int, width: int = WIDTH) -> dict[str, NDArray[np.float16]]:
    """Weights of a network in half precision: an embedding, some layers, and a head."""
    random = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {"embed.weight": (256, width)}
    for layer in range(LAYERS):
        shapes |= {f"layers.{layer}.weight": (4 * width, width), f"layers.{layer}.bias": (4 * width,)}
    shapes["head.weight"] = (CLASSES, width)
    return {name: random.standard_normal(shape).astype(np.float16) for name, shape in shapes.items()}


def adapter(seed: int, width: int = WIDTH) -> dict[str, NDArray[np.float16]]:
    """Weights of a low-rank adapter of that network."""
    random = np.random.default_rng(seed)
    shapes = {}
    for layer in range(LAYERS):
        shapes[f"layers.{layer}.lora_A.weight"] = (RANK, width)
        shapes[f"layers.{layer}.lora_B.weight"] = (4 * width, RANK)
    return {name: random.standard_normal(shape).astype(np.float16) for name, shape in shapes.items()}


def write_all(folder: Path, width: int = WIDTH) -> None:
    """Write all examples."""
    backbone = network(0, width)
    tuned = {
        name: backbone | {"head.weight": network(seed, width)["head.weight"]}
        for seed, name in enumerate(("birds", "cars", "food"), 1)
    }
    write(folder / "backbone" / "birds" / "model.safetensors", tuned["birds"])
    write(folder / "backbone" / "cars" / "model.safetensors", tuned["cars"])
    write_sharded(folder / "backbone" / "food", tuned["food"], 3)
    write(folder / "lora" / "base" / "model.safetensors", network(4, width))
    for seed, name in enumerate(("poems", "code"), 5):
        write(folder / "lora" / name / "adapter_model.safetensors", adapter(seed, width))
        config = {"peft_type": "LORA", "base_model_name_or_path": "example/base", "r": RANK}
        (folder / "lora" / name / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    for seed, name in enumerate(("one", "two"), 7):
        write(folder / "unrelated" / name / "model.safetensors", network(seed, width))
    write_cached(folder / "hub", "example/birds", tuned["birds"])
    write_cached(folder / "hub", "copies/birds-again", tuned["birds"])
    write_cached(folder / "hub", "example/cars", tuned["cars"])


def main() -> None:
    """Write all examples into a folder."""
    parser = argparse.ArgumentParser(description="Write checkpoints to try things on, into a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--width", type=int, default=WIDTH, help="width of the networks")
    asked = parser.parse_args()
    write_all(asked.folder, asked.width)
    print(f"wrote {asked.folder}")


if __name__ == "__main__":
    main()
