"""The layers of checkpoints: their order by names or in the file, and their work from shapes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from partload.instances.checkpoints.layers import layers_of, work_flop
from partload.instances.checkpoints.tensors import File, Tensor
from partload.instances.errors import InputError

FILE = File(Path("a.safetensors"), Path("a.safetensors"), 0, ("a",))


def tensor(name: str, shape: tuple[int, ...] = (4, 3), dtype: str = "F32", offset: int = 0) -> Tensor:
    return Tensor(name, dtype, shape, FILE, offset, 48)


LLAMA = [
    "model.embed_tokens",
    *(f"model.layers.{number}" for number in range(12)),
    "model.norm",
    "lm_head",
]
BERT = [
    "embeddings.word_embeddings",
    "embeddings.position_embeddings",
    "embeddings.LayerNorm",
    *(f"encoder.layer.{number}" for number in range(11)),
    "pooler.dense",
    "classifier",
]
RESNET = ["conv1", "bn1", *(f"layer{stage}.{number}" for stage in (1, 2, 3, 4) for number in (0, 1)), "fc"]
GGUF = ["token_embd", *(f"blk.{number}" for number in range(11)), "output_norm", "output"]
T5 = ["shared_embed", *(f"{stack}.block.{n}" for stack in ("encoder", "decoder") for n in range(11)), "lm_head"]


@pytest.mark.parametrize("names", [LLAMA, BERT[2:], RESNET, GGUF, T5], ids=["llama", "bert", "resnet", "gguf", "t5"])
def test_names_tell_the_order(names: list[str]):
    tensors = [tensor(f"{name}.{part}") for name in names for part in ("weight", "bias")]
    random.Random(1).shuffle(tensors)
    assert [layer.id for layer in layers_of(tensors, "names")] == names


def test_embeddings_come_first_and_heads_last():
    found = [layer.id for layer in layers_of([tensor(f"{name}.weight") for name in sorted(BERT)], "names")]
    assert (set(found[:3]), found[3:]) == (set(BERT[:3]), BERT[3:])


def test_the_order_of_the_file_is_kept():
    names = ["strange.weight", "layers.1.a.weight", "layers.0.b.weight", "strange.bias"]
    assert [layer.id for layer in layers_of(map(tensor, names), "file")] == ["strange", "layers.1", "layers.0"]
    with pytest.raises(InputError, match="'strange' does not: add --order file"):
        layers_of(map(tensor, names), "names")


def test_a_layer_has_the_tensors_of_its_adapter():
    tensors = [tensor("model.layers.0.q.weight"), tensor("base_model.model.model.layers.0.q.lora_A.weight", offset=48)]
    (layer,) = layers_of(tensors, "names")
    assert (layer.id, layer.size_bytes) == ("model.layers.0", 96)


def test_a_tied_tensor_is_downloaded_once_and_computed_with_twice():
    tied = [tensor("embed.weight"), tensor("layers.0.weight", offset=48), tensor("lm_head.weight")]
    assert [layer.size_bytes for layer in layers_of(tied, "names")] == [48, 48, 0]
    assert [work_flop(layer, 1) for layer in layers_of(tied, "names")] == [0, 24, 24]


def test_work_counts_the_parameters_of_matrices():
    parts = [
        tensor("layers.0.weight", (4, 3)),
        tensor("layers.0.quantised", (2, 256), "Q4_K"),
        tensor("layers.0.bias", (7,)),
    ]
    (layer,) = layers_of(parts, "names")
    assert work_flop(layer, tokens=5) == 2 * (12 + 512) * 5
    (table,) = layers_of([tensor("embed_tokens.weight", (100, 8))], "names")
    assert work_flop(table, tokens=5) == 0


@pytest.mark.parametrize("part", [tensor("conv1.weight", (4, 3, 3, 3)), tensor("layers.0.qweight", (4, 3), "I32")])
def test_work_that_shapes_do_not_tell_is_refused(part: Tensor):
    (layer,) = layers_of([part], "file")
    with pytest.raises(InputError, match="which does not tell its work"):
        work_flop(layer, tokens=1)


def test_a_number_of_thousands_of_digits_is_refused():
    with pytest.raises(InputError, match=r"numbers of at most 18 digits, 'layers\.999999"):
        layers_of([tensor(f"layers.{'9' * 5000}.weight")], "names")
