"""An instance of SLIDE from a scan of checkpoints: the scan gives layers, options the downlink, the users, the work."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from partload.instances.channels import FlatChannel
from partload.instances.checkpoints import onnx_layers
from partload.instances.checkpoints.layers import TensorLayer, layers_of, work_flop
from partload.instances.checkpoints.scan import Scan, ScannedModel
from partload.instances.errors import InputError, item_path
from partload.instances.fields import STRICT, Positive
from partload.instances.generation.options import Size
from partload.instances.numbers import exact
from partload.instances.options import flag, flags
from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User

BESIDE_USERS = ("efficiency", "deadline", "speed")
IN_FILE_ORDER = (".bin", ".pt", ".pth")
"""Endings of files that hold tensors in the order of the modules."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Options:
    """What an instance needs beside the files of its models; None for what is not given.

    Raises
    ------
    InputError
        When a part of the users is not given, or options exclude each other.
    """

    bandwidth: Positive | None = None
    """Hertz of the downlink."""
    users: Size | None = None
    """All alike; each may be served by any of the models."""
    efficiency: Positive | None = None
    """Bits per second and hertz."""
    deadline: Positive | None = None
    """Seconds."""
    speed: Positive | None = None
    """FLOP per second of each device, and of the one on which the time was measured."""
    tokens: Size | None = None
    """Of one input."""
    measured: Annotated[tuple[Positive, ...], Field(min_length=1)] | None = None
    """Seconds that one input takes on a device of ``speed``, for each model."""
    order: Literal["names", "file"] | None = None
    """Of the layers; None for that of the file where its format keeps the order of the modules, else by names."""

    def __post_init__(self) -> None:
        beside = [name for name in ("efficiency", "deadline") if getattr(self, name) is not None]
        if beside and self.users is None:
            raise InputError("expected --users beside it", beside[0])
        missing = [name for name in BESIDE_USERS if getattr(self, name) is None]
        if missing and self.users is not None:
            raise InputError(f"expected {flags(missing)} beside it", "users")
        if self.measured is not None and self.speed is None:
            raise InputError("expected --speed beside it, that of the device on which it was measured", "measured")
        if self.measured is not None and self.tokens is not None:
            raise InputError("expected one of --tokens and --measured", "measured")

    def ensure_complete(self, like: bool) -> None:
        """Raise InputError unless options give the downlink and the users, or another instance does."""
        missing = [name for name in ("bandwidth", "users") if getattr(self, name) is None]
        if missing and not like:
            problem = f"an instance needs {flags(missing)} too, or --like INSTANCE, which has them"
            raise InputError(f"{problem}; without -o, scan shows what is shared", source="scan")
        if like and self.users is not None:
            raise InputError("expected one of --users and --like, which has users", flag("users"))


def ensure_known(models: Sequence[ScannedModel], options: Options, base: Instance | None, source: str) -> None:
    """Raise InputError unless everything is known of some models but what they share: for before that is found."""
    options.ensure_complete(like=base is not None)
    if options.measured is not None and len(options.measured) != len(models):
        problem = f"expected it once for each of the {len(models)} checkpoints, got it {len(options.measured)} times"
        raise InputError(problem, flag("measured"))
    graph = next((model for model in models if not model.tensors), None)
    if options.measured is not None and graph is not None:
        raise InputError(f"expected none, the graph of {graph.id!r} tells its work", flag("measured"))
    for number, model in enumerate(models):
        _model(number, model, options)
    if base is not None:
        _users_like(base, tuple(model.id for model in models), source)


def instance_of(scan: Scan, name: str, options: Options, base: Instance | None = None, source: str = "") -> Instance:
    """The instance of a scan.

    Parameters
    ----------
    scan
        The models.
    name
        Name of the instance.
    options
        The downlink, the users, and what the work follows from.
    base
        An instance that gives the downlink and the users, each of whom may be served by any of the models.
    source
        How messages and the provenance name that instance.

    Raises
    ------
    InputError
        When something is missing, or a shape does not tell the work.
    """
    ensure_known(scan.models, options, base, source)
    models = tuple(_model(number, model, options) for number, model in enumerate(scan.models))
    ids = tuple(model.id for model in models)
    bandwidth = options.bandwidth if base is None or options.bandwidth is not None else base.downlink.bandwidth_hz
    assert bandwidth is not None
    users = _users(options, ids) if base is None else _users_like(base, ids, source)
    provenance = {
        **{key: value for key, value in scan.provenance.items() if key != "blocks"},
        "layers": "one for each number in the names of the tensors, and one for each other module",
        "order": "; ".join(f"{model.id}: {_order(model, options)}" for model in scan.models),
        "work": _work_note(scan, options),
        "downlink": source if options.bandwidth is None else f"--bandwidth {exact(options.bandwidth)}",
        "users": _users_note(options, source),
    }
    return Instance(name, Downlink(bandwidth), models, users, "per-device", None, provenance)


def _model(number: int, model: ScannedModel, options: Options) -> Model:
    """A model: its layers in order, with their work."""
    if not model.tensors:
        graph = onnx_layers.read(model.checkpoint.path, options.tokens)
        return Model(model.id, tuple(Layer(layer.size_bytes, layer.work_flop, layer.id) for layer in graph))
    try:
        layers = layers_of(model.tensors, _order(model, options))
        work = _work(number, layers, options)
    except InputError as error:
        raise error.within(str(model.checkpoint.path)) from None
    return Model(model.id, tuple(Layer(float(layer.size_bytes), each, layer.id) for layer, each in zip(layers, work)))


def _work(number: int, layers: Sequence[TensorLayer], options: Options) -> list[float]:
    if options.measured is None:
        if options.tokens is None:
            raise InputError("the work of its layers needs --tokens, or --measured and --speed")
        return [work_flop(layer, options.tokens) for layer in layers]
    assert options.speed is not None
    total, size = options.measured[number] * options.speed, sum(layer.size_bytes for layer in layers)
    if total == math.inf:
        raise InputError("expected --measured times --speed to be a number that a double can hold")
    if size == 0:
        raise InputError("expected tensors with content, to divide the work among layers")
    return [total * (layer.size_bytes / size) for layer in layers]


def _order(model: ScannedModel, options: Options) -> str:
    """``names`` or ``file``, as asked for, or as the format keeps it."""
    if not model.tensors:
        return "that of the graph"
    kept = all(tensor.file.path.suffix in IN_FILE_ORDER for tensor in model.tensors)
    return options.order or ("file" if kept else "names")


def _users(options: Options, models: tuple[str, ...]) -> tuple[User, ...]:
    """Users that are all alike."""
    assert options.users is not None
    assert options.efficiency is not None
    assert options.deadline is not None
    assert options.speed is not None
    channel = FlatChannel(options.efficiency)
    return tuple(
        User(f"user-{number}", models, channel, options.deadline, options.speed)
        for number in range(1, options.users + 1)
    )


def _users_like(base: Instance, models: tuple[str, ...], source: str) -> tuple[User, ...]:
    """The users of another instance; raises InputError where one asks for an accuracy, which files do not state."""
    for number, user in enumerate(base.users):
        if user.min_accuracy is not None:
            problem = "expected none: the accuracy of scanned models is not known"
            raise InputError(problem, item_path("users", number, "min_accuracy"), source)
    return tuple(dataclasses.replace(user, models=models) for user in base.users)


def _work_note(scan: Scan, options: Options) -> str:
    """What the work follows from."""
    graphs = (
        "2 FLOP for each multiplication and addition of convolutions and matrix products in the graph, for one input"
    )
    if not scan.graphs:
        return _estimate_note(options)
    names = ", ".join(model.id for model in scan.graphs)
    rest = "" if len(scan.graphs) == len(scan.models) else f"; of the others: {_estimate_note(options)}"
    return f"of {names}: {graphs}{rest}"


def _estimate_note(options: Options) -> str:
    if options.measured is not None:
        times = ", ".join(exact(each) for each in options.measured)
        speed = exact(options.speed or 0.0)
        return f"estimate: --measured {times} seconds of one input at --speed {speed}, divided among layers by bytes"
    return (
        f"estimate: 2 FLOP for each parameter of a matrix and each of {options.tokens} tokens; tables that are looked "
        "up, norms, biases and attention over tokens are left out"
    )


def _users_note(options: Options, source: str) -> str:
    if options.users is None:
        return f"of {source}, each served by any of the models"
    given = (f"{flag(name)} {exact(getattr(options, name))}" for name in BESIDE_USERS)
    return f"{options.users}, all alike by option: {', '.join(given)}; each served by any of the models"
