"""The layers of a network in ONNX, in the order of its graph, with the work of convolutions and matrix products.

Needs the extra ``onnx``. The weights themselves are not looked at: their sizes follow from types and shapes, and files
of weights beside the graph are not opened.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from partload.instances import extras
from partload.instances.checkpoints.opening import find, open_binary, read_exactly
from partload.instances.checkpoints.tensors import shown
from partload.instances.errors import InputError

MAX_BYTES = 2**31 - 1
"""The most that a message of its format may have."""
BITS = {1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128} | {
    16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4
}  # fmt: skip
"""Bits of an element of each type of ONNX, by the number of the type."""
NO_WEIGHTS = {6, 7, 9, 12, 13}
"""Types of constants that are shapes, indices or switches: whole numbers of 32 and 64 bits, and truth values."""
DOMAINS = ("", "ai.onnx")
UNKNOWN_WORK = {
    *("If", "Loop", "Scan", "LSTM", "GRU", "RNN", "Einsum", "Attention", "DeformConv", "QLinearConv", "ConvInteger"),
    *("MatMulInteger", "QLinearMatMul", "DFT", "STFT"),
}
"""Operators with much work that is not counted here."""
Shapes = Mapping[str, tuple[int, ...]]


@dataclasses.dataclass(frozen=True)
class GraphLayer:
    """An operator with weights, and what follows it without weights of its own."""

    id: str
    size_bytes: float
    work_flop: float


class _Dimension(Protocol):
    dim_value: int

    def HasField(self, name: str) -> bool:  # noqa: N802
        """Whether it has a length."""


class _Shape(Protocol):
    dim: list[_Dimension]


class _TensorType(Protocol):
    shape: _Shape


class _Type(Protocol):
    tensor_type: _TensorType


class _Value(Protocol):
    name: str
    type: _Type


class _Weight(Protocol):
    name: str
    dims: list[int]
    data_type: int


class _Attribute(Protocol):
    name: str
    t: _Weight


class _Node(Protocol):
    name: str
    op_type: str
    domain: str
    input: list[str]
    output: list[str]
    attribute: list[_Attribute]


class _Graph(Protocol):
    """What is read of a graph."""

    node: list[_Node]
    initializer: list[_Weight]
    input: list[_Value]
    output: list[_Value]
    value_info: list[_Value]


def read(path: Path, tokens: int | None) -> tuple[GraphLayer, ...]:
    """The layers of a network, with the work for one input.

    Parameters
    ----------
    path
        The file.
    tokens
        The length of every dimension of the inputs that the graph leaves open, but the first one, which is that of
        the batch and is 1.

    Raises
    ------
    InputError
        When the extra is missing, the file is no network, or its work is not known.
    """
    onnx = extras.load("onnx", "scan of ONNX")
    inference = extras.load("onnx.shape_inference", "scan of ONNX")
    file = find(path)
    if file.size_bytes > MAX_BYTES:
        raise InputError(f"expected at most {MAX_BYTES} bytes, it has {file.size_bytes}", source=str(path))
    with open_binary(file) as stream:
        content = read_exactly(file, stream, 0, file.size_bytes)
    try:
        model = onnx.load_model_from_string(content)
        _close(model.graph, tokens)
        known = inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
        layers = tuple(_layers(known.graph))
    except InputError as error:
        raise error.within(str(path)) from None
    except Exception as error:  # The library raises what it likes: protobuf's errors, RuntimeError, its own.
        reason = shown(" ".join(str(error).split()))
        raise InputError(f"expected a network in ONNX: {type(error).__name__} {reason}", source=str(path)) from None
    if not layers:
        raise InputError("expected a network with weights", source=str(path))
    return layers


def _close(graph: _Graph, tokens: int | None) -> None:
    """Give every open dimension of the inputs a length."""
    weights = {weight.name for weight in graph.initializer}
    del graph.value_info[:]
    for value in graph.input:
        if value.name in weights:
            continue
        for number, dimension in enumerate(value.type.tensor_type.shape.dim):
            if dimension.HasField("dim_value"):
                continue
            if number > 0 and tokens is None:
                problem = f"expected --tokens for dimension {number + 1}, whose length the graph leaves open"
                raise InputError(problem, f"input {shown(value.name)}")
            dimension.dim_value = 1 if number == 0 or tokens is None else tokens


def _layers(graph: _Graph) -> Iterator[GraphLayer]:
    """The operators with weights in the order of the graph, which is one in which they can compute."""
    sizes = {weight.name: _size_bytes(weight) for weight in graph.initializer} | _constants(graph)
    shapes = _shapes(graph)
    name, size, work = "", 0.0, 0.0
    for number, node in enumerate(graph.node):
        own = sum(sizes.pop(each, 0.0) for each in node.input)  # Weights that were used before are there already.
        if own and name:
            yield GraphLayer(name, size, work)
            size, work = 0.0, 0.0
        if own:
            name = node.name or f"{node.op_type}_{number}"
        size += own
        work += _work(node, shapes)
    if name:
        yield GraphLayer(name, size, work)


def _constants(graph: _Graph) -> dict[str, float]:
    """Sizes of the weights that operators ``Constant`` hold; single numbers and shapes are no weights."""
    held = (
        (node.output[0], each.t)
        for node in graph.node
        for each in node.attribute
        if node.op_type == "Constant" and each.name == "value"
    )
    return {
        name: _size_bytes(constant)
        for name, constant in held
        if constant.data_type in BITS.keys() - NO_WEIGHTS and math.prod(constant.dims) > 1
    }


def _shapes(graph: _Graph) -> dict[str, tuple[int, ...]]:
    """The shapes of all values that have one."""
    shapes = {weight.name: tuple(weight.dims) for weight in graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        dimensions = value.type.tensor_type.shape.dim
        if all(dimension.HasField("dim_value") for dimension in dimensions):
            shapes[value.name] = tuple(dimension.dim_value for dimension in dimensions)
    return shapes


def _size_bytes(weight: _Weight) -> float:
    if weight.data_type not in BITS or min(weight.dims, default=0) < 0:
        raise InputError("expected weights of numbers", shown(weight.name))
    return float(math.prod(weight.dims) * BITS[weight.data_type] // 8)


def _work(node: _Node, shapes: Shapes) -> float:
    """FLOP of an operator: 2 for each multiplication and addition of a convolution or a matrix product."""
    place = shown(node.name or node.op_type)
    if node.op_type in UNKNOWN_WORK or node.domain not in DOMAINS:
        raise InputError(f"expected operators whose work is known, {shown(node.op_type)} is none", place)
    if node.op_type not in ("Conv", "ConvTranspose", "Gemm", "MatMul"):
        return 0.0
    try:
        first, second, out = shapes[node.input[0]], shapes[node.input[1]], shapes[node.output[0]]
    except KeyError as error:
        raise InputError(f"expected the shape of {shown(str(error.args[0]))}, it does not follow", place) from None
    if node.op_type == "Conv":
        return 2.0 * math.prod(out) * math.prod(second[1:])
    if node.op_type == "ConvTranspose":
        return 2.0 * math.prod(first) * math.prod(second[1:])
    # Each element of a product of matrices sums over the dimension that both have; Gemm may transpose either.
    inner = math.prod(first) / out[0] if node.op_type == "Gemm" else float(first[-1])
    return 2.0 * math.prod(out) * inner
