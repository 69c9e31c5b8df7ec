"""Families of generated instances, and the generation of an instance by the name of its family."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import numpy as np

from partload.instances import arguments
from partload.instances.errors import InputError, expected_one_of
from partload.instances.generation.options import Options
from partload.instances.options import checked
from partload.instances.records import AnyInstance

InstanceType = TypeVar("InstanceType", bound=AnyInstance, covariant=True)
"""Instances of one problem."""


@dataclasses.dataclass(frozen=True)
class Family(Generic[InstanceType]):
    """A family of instances."""

    make: Callable[[str, Options], InstanceType]
    """From the family's name and a record of its options to the instance; the same options give the same instance on
    every machine."""
    options: type[Options]
    description: str


OptionsT = TypeVar("OptionsT", bound=Options)
CatalogueT = TypeVar("CatalogueT")


def family_of(
    catalogue: Callable[[OptionsT, np.random.Generator], CatalogueT],
    options: type[OptionsT],
    description: str,
    assemble: Callable[[str, OptionsT, CatalogueT, list[np.random.Generator]], InstanceType],
    streams: int,
) -> Family[InstanceType]:
    """Make a family from what makes its models, and from what adds all else, which is alike for a problem.

    Parameters
    ----------
    catalogue
        From the options and random numbers to the models.
    options
        Type of the options.
    description
        One line for listings.
    assemble
        From the name, the options, the models and generators of random numbers to the instance.
    streams
        Generators of random numbers: one for the catalogue, the others for ``assemble``.
    """

    def make(name: str, chosen: Options) -> InstanceType:
        assert isinstance(chosen, options)
        of_catalogue, *others = np.random.default_rng(chosen.seed).spawn(streams)
        return assemble(name, chosen, catalogue(chosen, of_catalogue), others)

    return Family(make, options, description)


def generate(families: Mapping[str, Family[InstanceType]], family: str, options: Mapping[str, object]) -> InstanceType:
    """Generate an instance of a family.

    Parameters
    ----------
    families
        All families, by name.
    family
        Name of a family.
    options
        Fields of the family's record of options; missing fields take their defaults.

    Raises
    ------
    InputError
        On an unknown family or option, listing the known ones, and on a value that an option does not allow.
    """
    if arguments.text(family, "the name of a family", "family") not in families:
        raise InputError(expected_one_of(families, family), "family")
    chosen = checked(families[family].options, options, family)
    return families[family].make(family, chosen)
