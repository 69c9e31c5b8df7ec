"""The layers of a checkpoint in the order in which they compute, and their work, as names and shapes tell them.

Both are estimates. A file does not say in which order its tensors are used, nor how often.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence

from partload.instances.checkpoints.tensors import Identity, Tensor, shown
from partload.instances.errors import InputError

ORDERS = ("names", "file")
ADAPTER_PREFIX = "base_model.model."
"""What adapters put before the names of the base."""
FIRST = (r"embed|embd|wte|wpe", r"patch|stem", r"^conv1$|conv_in", r"^bn1$")
"""What computes before all numbered layers, in this order: one part of its name looks so."""
LAST = (r"norm|ln_f|ln_post", r"pool", r"head|classifier|score|output|logits|^fc$")
"""What computes after all numbered layers."""
STACKS = ("encoder", "decoder")
MANY_DIGITS = re.compile(r"\d{19}")
TABLE = re.compile(FIRST[0])
"""Tables of which a row is looked up: no work."""
FLOAT = re.compile(r"B?F\d|[IT]?Q\d|[MN][XV]FP\d")
"""Types whose elements are parameters, one for one, also where they are quantised."""


@dataclasses.dataclass(frozen=True)
class TensorLayer:
    """A layer: tensors that are downloaded and used together."""

    id: str
    tensors: tuple[Tensor, ...]
    size_bytes: int
    """s_l, without tensors whose bytes a layer before it holds too, such as those of a tied embedding."""


def layers_of(tensors: Iterable[Tensor], order: str) -> tuple[TensorLayer, ...]:
    """The layers of a model: one for each number in the names, such as ``layers.7``, and one for each other module.

    Parameters
    ----------
    tensors
        The tensors of one model.
    order
        ``file``, the order of the first tensors in the file, or ``names``, an order that follows from the names.

    Raises
    ------
    InputError
        With ``names``, on a layer whose name does not tell its place.
    """
    grouped: dict[str, list[Tensor]] = {}
    for tensor in tensors:
        grouped.setdefault(_layer(tensor.name), []).append(tensor)
    names = list(grouped) if order == "file" else sorted(grouped, key=_place)
    here: set[tuple[Identity, int, int]] = set()
    layers = []
    for name in names:
        places = {(tensor.file.identity, tensor.offset, tensor.size_bytes) for tensor in grouped[name]} - here
        layers.append(TensorLayer(name, tuple(grouped[name]), sum(size for _, _, size in places)))
        here |= places
    return tuple(layers)


def work_flop(layer: TensorLayer, tokens: int) -> float:
    """The work of a layer for one input of this many tokens: 2 FLOP for each parameter of a matrix and each token.

    Norms, biases and attention over tokens are left out, and tables of which a row is looked up do no work.

    Raises
    ------
    InputError
        On a tensor of three or more dimensions, whose shape does not tell how often each parameter is used, and on a
        matrix of whole numbers, in which parameters may be packed.
    """
    parameters = 0
    for tensor in layer.tensors:
        if len(tensor.shape) < 2 or TABLE.search(tensor.name):
            continue
        if len(tensor.shape) > 2 or not FLOAT.match(tensor.dtype):
            what = f"{tensor.dtype} of shape {list(tensor.shape)[:8]}"
            raise InputError(
                f"expected matrices, tensor {shown(tensor.name)} is {what}, which does not tell its work: "
                "scan the model as ONNX, or add --measured"
            )
        parameters += tensor.elements
    return 2.0 * parameters * tokens


def _layer(name: str) -> str:
    """The layer of a tensor: its name up to the first number, or without its last part."""
    parts = name.removeprefix(ADAPTER_PREFIX).split(".")
    for number, part in enumerate(parts[:-1]):
        if part.isdecimal():
            return ".".join(parts[: number + 1])
    return ".".join(parts[:-1]) or parts[0]


def _place(layer: str) -> tuple[int, int, int, tuple[tuple[int, str], ...]]:
    """What layers are sorted by: those before the numbered ones, the numbered ones, those after."""
    parts = layer.split(".")
    if MANY_DIGITS.search(layer):
        raise InputError(f"expected layers with numbers of at most 18 digits, {shown(layer)} has more")
    natural = tuple((int(digits or 0), text) for digits, text in re.findall(r"(\d*)([^\d]*)", layer))
    stack = next((number for number, name in enumerate(STACKS) if name in parts), 0)
    if (first := _match(FIRST, parts)) is not None:
        return 0, stack, first, natural
    if (last := _match(LAST, parts)) is not None:
        return 2, stack, last, natural
    if parts[-1].isdecimal():
        return 1, stack, 0, natural
    problem = f"expected layers whose names tell their order, {shown(layer)} does not"
    raise InputError(f"{problem}: add --order file if the file holds them in the order in which they compute")


def _match(patterns: Sequence[str], parts: Sequence[str]) -> int | None:
    """Position of the first pattern that a part matches; None if there is none."""
    found = (number for number, pattern in enumerate(patterns) if any(re.search(pattern, part) for part in parts))
    return next(found, None)
