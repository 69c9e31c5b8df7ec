"""Networks in ONNX: layers in the order of the graph, with their bytes and the work of one input."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from partload.cli import run
from partload.instances.checkpoints.onnx_layers import read
from partload.instances.errors import InputError
from partload.instances.reading import read as read_record
from partload.instances.slide.instance import Instance
from tests.support.hostile_checkpoints import changed


def weight(name: str, *shape: int, dtype: type[np.generic] = np.float32) -> onnx.TensorProto:
    return numpy_helper.from_array(np.zeros(shape, dtype=dtype), name)


def network(batch: int | str = "N", side: int | str = 8) -> onnx.ModelProto:
    """Two convolutions, a pool and a matrix product."""
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["a"], "first", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["r"]),
        helper.make_node("Conv", ["r", "w2"], ["c"], "second", strides=[2, 2], group=2),
        helper.make_node("GlobalAveragePool", ["c"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Gemm", ["f", "w3", "b3"], ["y"], "third", transB=1),
    ]
    weights = [
        weight("w1", 4, 3, 3, 3),
        weight("b1", 4),
        weight("w2", 6, 2, 2, 2),
        weight("w3", 10, 6),
        weight("b3", 10),
    ]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, side, side])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 10])]
    graph = helper.make_graph(nodes, "g", inputs, outputs, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def attention() -> onnx.ModelProto:
    """A projection, and a product of activations that has no weights of its own."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["q"], "project"),
        helper.make_node("Transpose", ["q"], ["k"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["q", "k"], ["y"]),
    ]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", "tokens", 8])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", "tokens", "tokens"])]
    graph = helper.make_graph(nodes, "g", inputs, outputs, [weight("w", 8, 16)])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def saved(model: onnx.ModelProto, path: Path) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("batch", [1, "N"])
def test_layers_have_bytes_and_work(tmp_path: Path, batch: int | str):
    layers = read(saved(network(batch), tmp_path / "net.onnx"), None)
    assert [layer.id for layer in layers] == ["first", "second", "third"]
    assert [layer.size_bytes for layer in layers] == [4 * (4 * 27 + 4), 4 * 6 * 8, 4 * 70]
    first = 2 * (4 * 8 * 8) * (3 * 3 * 3)
    second = 2 * (6 * 4 * 4) * (2 * 2 * 2)
    assert [layer.work_flop for layer in layers] == [first, second, 2 * 10 * 6]


def test_weights_in_constants_count_and_shapes_and_numbers_do_not(tmp_path: Path):
    model = network(1)
    moved = model.graph.initializer[3]
    for constant in (moved, weight("one"), weight("shape", 2, dtype=np.int64)):
        node = helper.make_node("Constant", [], [constant.name], f"constant {constant.name}", value=constant)
        model.graph.node.insert(0, node)
    model.graph.node.insert(3, helper.make_node("Mul", ["x", "one"], ["scaled"]))
    del model.graph.initializer[3]
    layers = read(saved(model, tmp_path / "net.onnx"), None)
    assert [(layer.id, layer.size_bytes) for layer in layers] == [("first", 448), ("second", 192), ("third", 280)]


def test_products_of_activations_count_for_the_layer_before(tmp_path: Path):
    path = saved(attention(), tmp_path / "attention.onnx")
    (layer,) = read(path, 5)
    assert layer.work_flop == 2 * 5 * 8 * 16 + 2 * 5 * 16 * 5
    with pytest.raises(InputError, match="expected --tokens for dimension 2"):
        read(path, None)


def test_an_operator_of_unknown_work_is_refused(tmp_path: Path):
    model = network()
    model.graph.node[1].op_type = "LSTM"
    with pytest.raises(InputError, match=r"net.onnx: "):
        read(saved(model, tmp_path / "net.onnx"), None)
    model = network()
    model.graph.node[1].domain = "com.example"
    with pytest.raises(InputError, match=r"net.onnx: "):
        read(saved(model, tmp_path / "net.onnx"), None)


@pytest.mark.parametrize("content", [b"", b"\x08\x07", b"not a network", b"\xff" * 100])
def test_what_is_no_network_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    with pytest.raises(InputError, match="expected a network") as refused:
        read(path, None)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("count", [100, pytest.param(10_000, marks=pytest.mark.long)])
def test_changed_files_are_read_or_refused(count: int, tmp_path: Path):
    good, draw, path = network().SerializeToString(), random.Random(1), tmp_path / "net.onnx"
    refused = 0
    for _ in range(count):
        path.write_bytes(changed(good, draw))
        try:
            read(path, 3)
        except InputError as error:
            assert str(error).isprintable()  # noqa: PT017
            refused += 1
    assert 0.1 * count < refused < count


USERS = ("--bandwidth", "1e7", "--users", "3", "--efficiency", "2", "--deadline", "0.5", "--speed", "1e9")


def test_scan_makes_an_instance_of_slide(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path, output = saved(network(), tmp_path / "net.onnx"), tmp_path / "phones.json"
    assert run(["scan", str(path), "--slide", "-o", str(output), *USERS]) == 0
    instance = read_record(output, Instance)
    assert [len(model.layers) for model in instance.models] == [3]
    assert instance.provenance is not None
    assert instance.provenance["order"] == "net: that of the graph"
    for options, message in (
        ([], "expected --slide and -o beside a network in ONNX"),
        (["--slide", "-o", str(output), *USERS, "--picture", "x.svg"], "--picture: expected none beside networks in"),
        (["--slide", "-o", str(output), *USERS, "--measured", "1"], "--measured: expected none, the graph of 'net'"),
    ):
        capsys.readouterr()
        assert run(["scan", str(path), *options]) == 2
        assert message in capsys.readouterr().err
