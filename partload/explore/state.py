"""The state of the page: each request of a browser carries all of it, so nothing can mix two tabs or two moves."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from partload.explore.exploration import AnyExploration, exploration_of
from partload.explore.sliders import Slider, moved, slider
from partload.instances import files, library
from partload.instances.errors import InputError, item_path
from partload.instances.fields import STRICT, Text, WholeNumber
from partload.instances.problems import is_instance, problem_of
from partload.instances.records import AnyInstance
from partload.solvers.methods import METHODS
from partload.solvers.registry import Limits

RecordT = TypeVar("RecordT")

KEPT = 8
"""Instances that stay parsed."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class State:
    """What the page shows."""

    name: Text
    """An instance of the library, or what to call ``document`` in errors."""
    document: str | None = None
    """The text of an instance file, in place of an instance of the library."""
    positions: dict[Text, WholeNumber] = dataclasses.field(default_factory=dict)
    """Positions of the sliders; those that are left out are at their start."""
    heuristic: str | None = None
    """None for the first of the problem."""
    formulation: str | None = None
    """None for the first that covers the instance."""

    @property
    def base(self) -> AnyInstance:
        """The instance before any slider moved; raises InputError when there is none."""
        if self.document is not None:
            try:
                return _parsed(self.document)
            except InputError as error:
                raise error.within(self.name) from None
        return _of_library(self.name)

    @property
    def exploration(self) -> AnyExploration:
        """What the page knows of the problem."""
        return exploration_of(self.base)

    @property
    def sliders(self) -> tuple[Slider, ...]:
        """The sliders of the instance; a parameter that changes nothing has none."""
        base = self.base
        every = (slider(setting, base) for setting in self.exploration.settings)
        return tuple(one for one in every if len(one.stops) > 1)

    @property
    def instance(self) -> AnyInstance:
        """The instance as the sliders say; raises InputError on positions that do not exist."""
        return moved(self.base, self.sliders, self.positions)

    @property
    def chosen_heuristic(self) -> str:
        """The heuristic to show.

        Raises
        ------
        InputError
            When it is none that supports the instance.
        """
        known = heuristics(self.base)
        if self.heuristic is None:
            first = self.exploration.heuristic
            return first if first in known else known[0]
        if self.heuristic not in known:
            raise InputError(f"expected one of {', '.join(known)}, got {self.heuristic!r}", source="heuristic")
        return self.heuristic


def read_state(document: object) -> State:
    """A state from JSON; raises InputError on anything else."""
    return read_as(TypeAdapter(State), document, "state")


def read_as(adapter: TypeAdapter[RecordT], document: object, what: str) -> RecordT:
    """A record from JSON, or one line that says what is wrong with it."""
    try:
        return adapter.validate_python(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        message = first["msg"]
        raise InputError(f"{message[:1].lower()}{message[1:]}", item_path(*first["loc"]), what) from None


def heuristics(instance: AnyInstance) -> list[str]:
    """Names of the methods without a proof that support an instance."""
    problem = problem_of(instance).name
    return [
        method.name
        for method in METHODS
        if method.problem == problem and not method.exact and not method.unsupported(instance, Limits())
    ]


@lru_cache(KEPT)
def _parsed(text: str) -> AnyInstance:
    record = files.parse(text)
    if not is_instance(record):
        raise InputError("expected an instance, this is a solution")
    return record


@lru_cache(KEPT)
def _of_library(name: str) -> AnyInstance:
    # Only names: a path from a browser is none.
    return library.load(name)
