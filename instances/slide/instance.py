"""An instance of SLIDE: a downlink, models made of layers, users who want to run one of some models on their device.

All records are immutable; ``replace`` makes a checked copy with changes. Field names are the keys of the file format
and carry their unit; the symbol of the equations stands beside each.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from partload.instances.channels import Channel, ChannelArrays
from partload.instances.errors import InputError, item_path
from partload.instances.fields import STRICT, NonNegative, Positive, Provenance, Share, Text
from partload.instances.numbers import exact
from partload.instances.references import known_references, unique_ids
from partload.instances.showing import Shown
from partload.instances.sums import known_sum, total

if TYPE_CHECKING:
    from partload.instances.slide.solution import Solution

Frequency = Literal["per-device", "per-layer"]


@dataclass(frozen=True, slots=True, config=STRICT)
class Layer:
    """A layer l, the unit of downloading and of computing."""

    size_bytes: NonNegative
    """s_l."""
    work_flop: NonNegative
    """c_l, for one input."""
    id: Text | None = None


@dataclass(frozen=True, slots=True, config=STRICT)
class Model:
    """A model i: layers in the order in which they compute."""

    id: Text
    layers: Annotated[tuple[Layer, ...], Field(min_length=1)]
    accuracy: Share | None = None

    @property
    def size_bytes(self) -> float:
        """Size of all layers; infinite on overflow."""
        return total(layer.size_bytes for layer in self.layers)

    @property
    def work_flop(self) -> float:
        """W, work of all layers; infinite on overflow."""
        return total(layer.work_flop for layer in self.layers)


@dataclass(frozen=True, slots=True, config=STRICT)
class User:
    """A user k: the models that may serve the user, the channel, the device, the deadline."""

    id: Text
    models: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Ids of the models that may serve the user, without repeats; ``min_accuracy`` narrows them."""
    channel: Annotated[Channel, Field(discriminator="kind")]
    deadline_s: Positive
    max_flop_per_s: Positive
    """f_max, the greatest speed of the device."""
    min_flop_per_s: NonNegative = 0.0
    """f_min."""
    min_accuracy: Share | None = None
    """Models with less accuracy, or without a known accuracy, may not serve the user."""
    weight: Positive = 1.0
    """w_k."""
    energy_budget_j: Positive | None = None
    """E; None for no budget."""
    energy_coefficient: Positive | None = None
    """kappa_k [J s^2 / FLOP^3]: c FLOP at speed f take kappa c f^2. None exactly where there is no budget."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Downlink:
    """The band over which models are sent."""

    bandwidth_hz: Positive
    """B."""


@dataclass(frozen=True, config=STRICT)
class Instance(Shown):
    """A SLIDE instance.

    Raises
    ------
    InputError
        On a duplicate id, a repeated model, a reference to an unknown id, a least speed above the greatest, an energy
        budget without its coefficient, or weights whose sum overflows.
    pydantic.ValidationError
        On a value of the wrong type or out of range.
    """

    FORMAT: ClassVar[str] = "partload/slide"
    ADDED_KEYS: ClassVar[Mapping[str, Mapping[str, object]]] = {}

    name: Text
    downlink: Downlink
    models: tuple[Model, ...]
    users: tuple[User, ...]
    frequency: Frequency = "per-device"
    """Whether a device keeps one speed for all layers or has one for each layer."""
    description: Text | None = None
    provenance: Provenance | None = None

    def __post_init__(self) -> None:
        model_ids = unique_ids("models", (model.id for model in self.models))
        unique_ids("users", (user.id for user in self.users))
        known_sum((user.weight for user in self.users), "weights", "users")
        for number, user in enumerate(self.users):
            known_references(model_ids, "model", user.models, "users", number, "models")
            if user.min_flop_per_s > user.max_flop_per_s:
                most, given = exact(user.max_flop_per_s), exact(user.min_flop_per_s)
                problem = f"expected at most max_flop_per_s {most}, got {given}"
                raise InputError(problem, item_path("users", number, "min_flop_per_s"))
            if (user.energy_budget_j is None) != (user.energy_coefficient is None):
                given, missing = "energy_budget_j", "energy_coefficient"
                if user.energy_budget_j is None:
                    given, missing = missing, given
                raise InputError(f"expected a value beside {given}", item_path("users", number, missing))

    def __repr__(self) -> str:
        counts = f"{len(self.models)} models, {len(self.users)} users"
        return f"<slide {self.name!r}: {counts}, speed {self.frequency}>"

    @property
    def demand(self) -> tuple[User, ...]:
        """The users."""
        return self.users

    @property
    def solution_type(self) -> type[Solution]:
        """Type of the solutions of the instance."""
        from partload.instances.slide.solution import Solution

        return Solution

    def replace(self, **changes: Any) -> Instance:
        """A copy with some fields changed; ``bandwidth_hz`` changes the downlink."""
        if "bandwidth_hz" in changes:
            changes["downlink"] = Downlink(changes.pop("bandwidth_hz"))
        return dataclasses.replace(self, **changes)

    @cached_property
    def user_index(self) -> dict[str, int]:
        """Position of each user id in ``users``."""
        return {user.id: number for number, user in enumerate(self.users)}

    @cached_property
    def model_index(self) -> dict[str, int]:
        """Position of each model id in ``models``."""
        return {model.id: number for number, model in enumerate(self.models)}

    def allowed(self, user: User) -> tuple[str, ...]:
        """Ids of the models that may serve a user, in the user's order: those accurate enough."""
        if user.min_accuracy is None:
            return user.models
        models, index = self.models, self.model_index
        accuracies = ((name, models[index[name]].accuracy) for name in user.models)
        return tuple(name for name, accuracy in accuracies if accuracy is not None and accuracy >= user.min_accuracy)

    @cached_property
    def arrays(self) -> UserArrays:
        """The users as numpy columns, made once."""
        return UserArrays.of(self)

    @cached_property
    def choices(self) -> Choices:
        """Which models may serve which users, made once."""
        return Choices.of(self)

    @cached_property
    def layers(self) -> tuple[LayerArrays, ...]:
        """The layers of each model as numpy columns."""
        return tuple(LayerArrays.of(model) for model in self.models)


@dataclasses.dataclass(frozen=True)
class LayerArrays:
    """The L layers of a model as columns, each of shape (L,) and read-only."""

    bits: NDArray[np.float64]
    """8 (s_1 + .. + s_l), the bits that have to arrive before layer l can compute."""
    work_flop: NDArray[np.float64]
    """c_l."""

    @classmethod
    def of(cls, model: Model) -> LayerArrays:
        """Columns of a model's layers."""
        with np.errstate(over="ignore"):  # Infinitely many bits never arrive.
            bits = 8.0 * np.cumsum([layer.size_bytes for layer in model.layers])
        work = np.array([layer.work_flop for layer in model.layers], dtype=float)
        for column in (bits, work):
            column.setflags(write=False)
        return cls(bits, work)


@dataclasses.dataclass(frozen=True)
class Choices:
    """Which of I models may serve which of K users; the G groups of users with equal choices share a row."""

    number: NDArray[np.int64]
    """Row of ``allowed`` of each user, shape (K,), read-only."""
    allowed: NDArray[np.bool_]
    """Whether each model may serve the users of each group, shape (G, I), read-only."""

    @classmethod
    def of(cls, instance: Instance) -> Choices:
        """The choices of an instance's users."""
        numbers: dict[tuple[tuple[str, ...], float | None], int] = {}
        rows: list[list[int]] = []
        number = np.empty(len(instance.users), dtype=np.int64)
        for k, user in enumerate(instance.users):
            choice = user.models, user.min_accuracy
            row = numbers.get(choice)
            if row is None:
                row = numbers[choice] = len(rows)
                rows.append([instance.model_index[name] for name in instance.allowed(user)])
            number[k] = row
        allowed = np.zeros((len(rows), len(instance.models)), dtype=bool)
        for group, models in enumerate(rows):
            allowed[group, models] = True
        for column in (number, allowed):
            column.setflags(write=False)
        return cls(number, allowed)


@dataclasses.dataclass(frozen=True)
class UserArrays:
    """The K users of an instance as columns, each of shape (K,) and read-only."""

    channel: ChannelArrays
    deadline_s: NDArray[np.float64]
    weight: NDArray[np.float64]
    """w_k."""
    max_flop_per_s: NDArray[np.float64]
    """f_max."""
    min_flop_per_s: NDArray[np.float64]
    """f_min."""
    energy_budget_j: NDArray[np.float64]
    """E; infinite where there is none."""
    energy_coefficient: NDArray[np.float64]
    """kappa; 0 where there is no budget."""

    @classmethod
    def of(cls, instance: Instance) -> UserArrays:
        """Columns of the instance's users."""
        users, count = instance.users, len(instance.users)
        columns = cls(
            channel=ChannelArrays.of([user.channel for user in users]),
            deadline_s=np.fromiter((user.deadline_s for user in users), float, count),
            weight=np.fromiter((user.weight for user in users), float, count),
            max_flop_per_s=np.fromiter((user.max_flop_per_s for user in users), float, count),
            min_flop_per_s=np.fromiter((user.min_flop_per_s for user in users), float, count),
            energy_budget_j=np.fromiter(
                (math.inf if user.energy_budget_j is None else user.energy_budget_j for user in users), float, count
            ),
            energy_coefficient=np.fromiter((user.energy_coefficient or 0.0 for user in users), float, count),
        )
        for name, column in vars(columns).items():
            if name != "channel":
                column.setflags(write=False)
        return columns

    def __getitem__(self, chosen: slice | NDArray[np.int64] | NDArray[np.bool_]) -> UserArrays:
        """The users at some positions."""
        return UserArrays(**{name: column[chosen] for name, column in vars(self).items()})
