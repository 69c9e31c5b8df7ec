"""An instance of PartialLoading: an edge server, parameter blocks, models made of blocks, requests for models.

Everything here is immutable; ``replace`` makes a changed, checked copy. The field names are the keys of the file
format and carry their unit; the symbol of the equations stands beside each.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from partload.instances.channels import Channel, ChannelArrays, upload_time
from partload.instances.errors import InputError, item_path
from partload.instances.features import by_feature
from partload.instances.fields import STRICT, Count, NonNegative, Positive, Provenance, Text
from partload.instances.numbers import exact
from partload.instances.partial_loading.residency import RESIDENCIES, ResidencyRule
from partload.instances.partial_loading.uplink import UPLINKS
from partload.instances.partial_loading.uplink.discipline import UplinkDiscipline
from partload.instances.partial_loading.visits import VISITS, VisitsRule
from partload.instances.references import known_references, unique_ids
from partload.instances.showing import Shown
from partload.instances.sums import known_sum, total

if TYPE_CHECKING:
    from partload.instances.partial_loading.solution import Solution

Residency = Literal["previous", "cached"]
Visits = Literal["once", "any"]
Uplink = Literal["slotted", "pipelined", "static"]


@dataclass(frozen=True, slots=True, config=STRICT)
class Block:
    """A parameter block j, the unit of loading and of sharing."""

    id: Text
    size_bytes: NonNegative
    """s_j."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Model:
    """A model i: a set of blocks J_i, and what a batch of u requests costs, alpha_i + beta_i u seconds."""

    id: Text
    blocks: tuple[Text, ...]
    """J_i, as block ids without repeats."""
    batch_setup_s: NonNegative
    """alpha_i."""
    batch_per_request_s: NonNegative
    """beta_i."""
    activation_bytes_per_request: NonNegative = 0.0
    """act_i."""
    max_batch: Count | None = None
    """Most requests in one batch; None for no limit."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Request:
    """A request k: input to upload and a model to run on it before a deadline."""

    id: Text
    model: Text
    """m(k), a model id."""
    input_bits: NonNegative
    """D_k."""
    channel: Annotated[Channel, Field(discriminator="kind")]
    deadline_s: Positive
    """d_k."""
    weight: Positive = 1.0
    """w_k."""
    arrival_s: NonNegative = 0.0
    """r_k, before the deadline: the upload cannot begin sooner. It is known at time 0 all the same."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Server:
    """The edge server: one GPU, one uplink, and the rules by which both are used."""

    bandwidth_hz: Positive
    """B, bandwidth of the uplink."""
    load_rate_bytes_per_s: Positive
    """V, rate at which blocks enter GPU memory."""
    load_latency_s: NonNegative = 0.0
    """t0, paid by every slot that loads anything."""
    memory_bytes: Positive | None = None
    """M, GPU memory; None for unlimited."""
    residency: Residency = "previous"
    """What a slot finds in memory: the blocks of the model before it, or any that were kept."""
    visits: Visits = "once"
    """How often a model may be visited."""
    uplink: Uplink = "slotted"
    """How the band is shared."""
    resident_blocks: tuple[Text, ...] = ()
    """Block ids in memory at time 0."""


@dataclass(frozen=True, config=STRICT)
class Instance(Shown):
    """A PartialLoading instance.

    Raises
    ------
    InputError
        On a duplicate id, a repeated block, a reference to an id that is not there, an arrival that is not before the
        deadline, or weights whose sum is beyond the largest double.
    pydantic.ValidationError
        On a value of the wrong type or out of range.
    """

    FORMAT: ClassVar[str] = "partload/partial-loading"
    ADDED_KEYS: ClassVar[Mapping[str, Mapping[str, object]]] = {"requests": {"arrival_s": 0.0}}

    name: Text
    server: Server
    blocks: tuple[Block, ...]
    models: tuple[Model, ...]
    requests: tuple[Request, ...]
    description: Text | None = None
    provenance: Provenance | None = None

    def __post_init__(self) -> None:
        block_ids = unique_ids("blocks", (block.id for block in self.blocks))
        model_ids = unique_ids("models", (model.id for model in self.models))
        unique_ids("requests", (request.id for request in self.requests))
        known_sum((request.weight for request in self.requests), "weights", "requests")
        known_references(block_ids, "block", self.server.resident_blocks, "server", "resident_blocks")
        for number, model in enumerate(self.models):
            known_references(block_ids, "block", model.blocks, "models", number, "blocks")
        for number, request in enumerate(self.requests):
            if request.model not in model_ids:
                path = item_path("requests", number, "model")
                raise InputError(f"expected the id of a model, got {request.model!r}", path)
            if request.arrival_s and request.arrival_s >= request.deadline_s:
                problem = f"expected a number below the deadline, {exact(request.deadline_s)}"
                raise InputError(
                    f"{problem}, got {exact(request.arrival_s)}", item_path("requests", number, "arrival_s")
                )

    def replace(self, **changes: Any) -> Instance:
        """A copy with the named fields changed; fields of the server may be named as well as the instance's own."""
        own = {field.name for field in dataclasses.fields(self)}
        of_server = {name: changes.pop(name) for name in list(changes) if name not in own}
        if of_server:
            changes["server"] = dataclasses.replace(changes.get("server", self.server), **of_server)
        return dataclasses.replace(self, **changes)

    def __repr__(self) -> str:
        counts = f"{len(self.models)} models, {len(self.requests)} requests, {len(self.blocks)} blocks"
        return f"<partial-loading {self.name!r}: {counts}, {self.server.uplink}, {self.server.residency}>"

    @property
    def demand(self) -> tuple[Request, ...]:
        """The requests."""
        return self.requests

    @property
    def solution_type(self) -> type[Solution]:
        """Type of the solutions of the instance."""
        from partload.instances.partial_loading.solution import Solution

        return Solution

    @property
    def uplink_discipline(self) -> UplinkDiscipline:
        """How the requests of a plan share the band; raises InputError on an uplink without an entry."""
        return by_feature(UPLINKS, "uplink", self.server.uplink)

    @property
    def residency_rule(self) -> ResidencyRule:
        """What may stay in memory; raises InputError on a residency without an entry."""
        return by_feature(RESIDENCIES, "residency", self.server.residency)

    @property
    def visits_rule(self) -> VisitsRule:
        """How often a model may be visited; raises InputError on a rule without an entry."""
        return by_feature(VISITS, "visits", self.server.visits)

    @cached_property
    def request_index(self) -> dict[str, int]:
        """Position of each request id in ``requests``."""
        return {request.id: number for number, request in enumerate(self.requests)}

    @cached_property
    def model_index(self) -> dict[str, int]:
        """Position of each model id in ``models``."""
        return {model.id: number for number, model in enumerate(self.models)}

    @cached_property
    def block_sizes(self) -> dict[str, float]:
        """Size s_j [byte] of each block id."""
        return {block.id: block.size_bytes for block in self.blocks}

    @cached_property
    def block_sets(self) -> dict[str, frozenset[str]]:
        """Block ids J_i of each model id."""
        return {model.id: frozenset(model.blocks) for model in self.models}

    @cached_property
    def arrays(self) -> RequestArrays:
        """The requests as numpy columns, made once."""
        return RequestArrays.of(self)

    def positions(self, requests: Iterable[str]) -> NDArray[np.int64]:
        """Positions in ``requests`` of some request ids, in their order; raises KeyError on an id that is not there."""
        index = self.request_index
        return np.fromiter((index[request] for request in requests), np.int64)

    def size_of(self, blocks: Iterable[str]) -> float:
        """Total size [byte] of some blocks, rounded once, so that it does not depend on their order."""
        return total(self.block_sizes[block] for block in blocks)


@dataclasses.dataclass(frozen=True)
class RequestArrays:
    """The K requests of an instance as columns, each of shape (K,) and read-only."""

    model: NDArray[np.int64]
    """Position of m(k) in the instance's models."""
    input_bits: NDArray[np.float64]
    """D_k."""
    deadline_s: NDArray[np.float64]
    """d_k."""
    weight: NDArray[np.float64]
    """w_k."""
    arrival_s: NDArray[np.float64]
    """r_k."""
    arrivals: bool
    """Whether any request arrives after time 0."""
    channel: ChannelArrays
    spectrum_load: NDArray[np.float64]
    """a_k = D_k / eta_k [Hz s] of flat channels, NaN for power-limited ones."""

    def alone_s(self, bandwidth_hz: float) -> NDArray[np.float64]:
        """Time [s] of each upload if it had the whole band, shape (K,)."""
        return upload_time(self.channel, self.input_bits, np.full(len(self.input_bits), bandwidth_hz))

    @classmethod
    def of(cls, instance: Instance) -> RequestArrays:
        """Columns of the instance's requests."""
        requests = instance.requests
        count = len(requests)
        index = instance.model_index
        channel = ChannelArrays.of([request.channel for request in requests])
        bits = np.fromiter((request.input_bits for request in requests), float, count)
        load = np.where(channel.flat, bits / channel.quality, np.nan)
        arrival = np.fromiter((request.arrival_s for request in requests), float, count)
        columns = cls(
            model=np.fromiter((index[request.model] for request in requests), np.int64, count),
            input_bits=bits,
            deadline_s=np.fromiter((request.deadline_s for request in requests), float, count),
            weight=np.fromiter((request.weight for request in requests), float, count),
            arrival_s=arrival,
            arrivals=bool(arrival.any()),
            channel=channel,
            spectrum_load=load,
        )
        for column in (columns.model, bits, columns.deadline_s, columns.weight, arrival, load):
            column.setflags(write=False)
        return columns
