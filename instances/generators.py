"""The generators of all problems in one list: the name of a family is that of one problem only."""

from __future__ import annotations

from partload.instances.generation import families
from partload.instances.generation.families import Family
from partload.instances.problems import PROBLEMS
from partload.instances.records import AnyInstance

FAMILIES: dict[str, Family[AnyInstance]] = {
    name: family for problem in PROBLEMS for name, family in problem.families.items()
}


def generate(family: str, **options: object) -> AnyInstance:
    """Generate an instance of one of the ``FAMILIES``; see ``families.generate``."""
    return families.generate(FAMILIES, family, options)
