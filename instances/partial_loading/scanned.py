"""An instance from a scan of checkpoints: the scan gives blocks and models, options the server, times and requests."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from pydantic.dataclasses import dataclass

from partload.instances.channels import FlatChannel
from partload.instances.checkpoints.scan import Scan, ScannedModel
from partload.instances.errors import InputError
from partload.instances.fields import STRICT, NonNegative, Positive
from partload.instances.generation.options import MOST, Size
from partload.instances.numbers import exact
from partload.instances.options import flag, flags
from partload.instances.partial_loading.instance import (
    Block,
    Instance,
    Model,
    Request,
    Residency,
    Server,
    Uplink,
    Visits,
)

SERVER = {
    "bandwidth": "bandwidth_hz",
    "load_rate": "load_rate_bytes_per_s",
    "memory": "memory_bytes",
    "residency": "residency",
    "visits": "visits",
    "uplink": "uplink",
}
"""Field of the server that each option gives."""
NEEDED = ("bandwidth", "load_rate")
"""Those of them that the format has no default for."""
BATCH_TIMES = ("batch_setup", "batch_per_request")
BESIDE_REQUESTS = ("bits", "efficiency", "deadline")
NO_REQUESTS = "none: a catalogue of models"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Options:
    """What an instance needs beside the files of its models; None for what is not given.

    Raises
    ------
    InputError
        When a part of the requests is not given, or a part is given without them.
    """

    bandwidth: Positive | None = None
    """Hertz of the uplink."""
    load_rate: Positive | None = None
    """Bytes per second."""
    memory: Positive | None = None
    """Bytes of GPU memory."""
    residency: Residency | None = None
    """What a slot finds in memory."""
    visits: Visits | None = None
    """How often a model may be visited."""
    uplink: Uplink | None = None
    """How the band is shared."""
    batch_setup: NonNegative | None = None
    """Seconds of each batch, for every model."""
    batch_per_request: NonNegative | None = None
    """Seconds of each request in a batch, for every model."""
    requests: Size | None = None
    """For each model; without it the instance is a catalogue, without requests."""
    bits: NonNegative | None = None
    """Bits of each input."""
    efficiency: Positive | None = None
    """Bits per second and hertz."""
    deadline: Positive | None = None
    """Seconds."""

    def __post_init__(self) -> None:
        given = [name for name in BESIDE_REQUESTS if getattr(self, name) is not None]
        if given and self.requests is None:
            raise InputError("expected --requests beside it", given[0])
        missing = [name for name in BESIDE_REQUESTS if getattr(self, name) is None]
        if missing and self.requests is not None:
            raise InputError(f"expected {flags(missing)} beside it", "requests")

    def ensure_complete(self, like: bool) -> None:
        """Raise InputError unless options give the server and the batch times, or another instance does."""
        missing = [name for name in (*NEEDED, *BATCH_TIMES) if getattr(self, name) is None]
        if missing and not like:
            problem = f"an instance needs {flags(missing)} too, or --like INSTANCE, which has them"
            raise InputError(f"{problem}; without -o, scan shows what is shared", source="scan")


def ensure_known(models: Sequence[ScannedModel], options: Options, base: Instance | None, source: str) -> None:
    """Raise InputError unless everything is known of some models but what they share: for before that is found."""
    options.ensure_complete(like=base is not None)
    if options.requests is not None and options.requests * len(models) > MOST:
        raise InputError(f"expected at most {MOST} in all {len(models)} models", flag("requests"))
    for model in models:
        if not model.tensors:
            raise InputError("expected tensors, a network in ONNX is for --slide", source=str(model.checkpoint.path))
        _batch_times(model.id, options, base, source)


def instance_of(scan: Scan, name: str, options: Options, base: Instance | None = None, source: str = "") -> Instance:
    """The instance of a scan.

    Parameters
    ----------
    scan
        The blocks and models.
    name
        Name of the instance.
    options
        The server, the batch times and the requests.
    base
        An instance that gives what the options leave open: its server, without what is in memory at time 0, and the
        batch times of models of the same id. Their batch limits and activations are taken too.
    source
        How messages and the provenance name that instance.

    Raises
    ------
    InputError
        When something is given by neither.
    """
    ensure_known(scan.models, options, base, source)
    server, server_note = _server(options, base, source)
    blocks = tuple(Block(block.id, float(block.size_bytes)) for block in scan.blocks)
    models = tuple(_model(scan, model.id, options, base, source) for model in scan.models)
    provenance = {
        **scan.provenance,
        "server": server_note,
        "batch_times": _note(options, BATCH_TIMES, f"models of the same id in {source}" if base else ""),
        "requests": _demand_note(options),
    }
    return Instance(name, server, blocks, models, tuple(_requests(scan, options)), None, provenance)


def _server(options: Options, base: Instance | None, source: str) -> tuple[Server, str]:
    """The server, and where it is known from."""
    given = {field: getattr(options, name) for name, field in SERVER.items() if getattr(options, name) is not None}
    if base is None:
        return Server(**given), _note(options, SERVER, "")
    left_out = ", without its resident blocks" if base.server.resident_blocks else ""
    return dataclasses.replace(base.server, **given, resident_blocks=()), _note(options, SERVER, source + left_out)


def _model(scan: Scan, name: str, options: Options, base: Instance | None, source: str) -> Model:
    """A model; limits of batches and sizes of activations are those of the model of the same id in the base."""
    blocks = tuple(block.id for block in scan.blocks_of[name])
    model = Model(name, blocks, *_batch_times(name, options, base, source))
    if base is None or name not in base.model_index:
        return model
    known = base.models[base.model_index[name]]
    return dataclasses.replace(
        model, activation_bytes_per_request=known.activation_bytes_per_request, max_batch=known.max_batch
    )


def _batch_times(model: str, options: Options, base: Instance | None, source: str) -> tuple[float, float]:
    """Setup and time per request of a model; what options do not give, the model of that id in the base does."""
    setup, per_request = options.batch_setup, options.batch_per_request
    if setup is not None and per_request is not None:
        return setup, per_request
    missing = flags(name for name in BATCH_TIMES if getattr(options, name) is None)
    if base is None or model not in base.model_index:
        raise InputError(f"expected a model {model!r} with its batch times, or {missing}", source=source)
    known = base.models[base.model_index[model]]
    return (
        known.batch_setup_s if setup is None else setup,
        known.batch_per_request_s if per_request is None else per_request,
    )


def _note(options: Options, names: Iterable[str], rest: str) -> str:
    """Which options gave a part, and what gave the rest of it."""
    values = {name: getattr(options, name) for name in names}
    given = [f"{flag(name)} {_text(value)}" for name, value in values.items() if value is not None]
    return "; ".join((rest, *given)) if rest and len(given) < len(values) else ", ".join(given)


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else exact(value)


def _demand_note(options: Options) -> str:
    if options.requests is None:
        return NO_REQUESTS
    given = (f"{flag(name)} {exact(getattr(options, name))}" for name in BESIDE_REQUESTS)
    return f"{options.requests} for each model, all alike by option: {', '.join(given)}"


def _requests(scan: Scan, options: Options) -> Iterator[Request]:
    """Requests that are all alike, model by model."""
    if options.requests is None:
        return
    assert options.bits is not None
    assert options.efficiency is not None
    assert options.deadline is not None
    channel = FlatChannel(options.efficiency)
    for model in scan.models:
        for number in range(1, options.requests + 1):
            yield Request(f"{model.id}-{number}", model.id, options.bits, channel, options.deadline)
