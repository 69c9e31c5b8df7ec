"""What the package contains, as JSON documents: the listings of ``--json``.

Each list has an object for each entry. Names are those that commands and functions take.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable

from partload.instances.features import Feature, Support
from partload.instances.generators import FAMILIES
from partload.instances.problems import PROBLEMS, problem_of
from partload.instances.serialisation import Document, adapter

FLAG = "option"
"""Key of an option's JSON Schema with its flag on the command line."""


def methods() -> list[Document]:
    """The methods: what they promise, what they support of each feature, and what else an instance has to have."""
    from partload.solvers import METHODS

    return [
        {
            "name": method.name,
            "problem": method.problem,
            "exact": method.exact,
            "summary": method.summary,
            "complexity": method.complexity,
            "guarantee": method.guaranteed,
            "needs": method.needs,
            "supports": _support(method.supported),
        }
        for method in METHODS
    ]


def formulations() -> list[Document]:
    """The formulations, likewise."""
    from partload.formulations import FORMULATIONS

    return [
        {
            "name": formulation.name,
            "problem": formulation.problem,
            "kind": formulation.kind,
            "program": "MILP" if formulation.linear else "MINLP",
            "needs": formulation.needs,
            "supports": _support(formulation.supports),
        }
        for formulation in FORMULATIONS
    ]


def library() -> list[Document]:
    """The shipped instances: their sizes and features, the best known value and the proven bound.

    An instance without a known value has null in the last keys.
    """
    from partload.instances import library as shipped

    known, found = shipped.known(), []
    for name in shipped.names():
        instance, best = shipped.load(name), known.get(name)
        problem = problem_of(instance)
        sizes = {"models": len(instance.models), problem.demand_name: len(instance.demand)}
        value = None if best is None else dataclasses.asdict(best)
        found.append(
            {
                "name": name,
                "problem": problem.name,
                "description": instance.description,
                **sizes,
                "features": _features(problem.features(instance)),
                **{key: value and value[key] for key in ("best", "bound", "status", "method")},
                "date": None if best is None else str(best.date),
            }
        )
    return found


def families(names: Iterable[str] = FAMILIES) -> list[Document]:
    """The families of generated instances; ``options`` is the JSON Schema of the options of ``generate``.

    Its properties are the keywords of ``partload.generate``; the key ``option`` of each is the flag of the command.
    """
    problem_named = {family: problem.name for problem in PROBLEMS for family in problem.families}
    return [
        {
            "name": name,
            "problem": problem_named[name],
            "description": FAMILIES[name].description,
            "options": _options(adapter(FAMILIES[name].options).json_schema()),
        }
        for name in names
    ]


def _options(schema: Document) -> Document:
    """A schema of options with the flag of each."""
    properties = schema["properties"]
    assert isinstance(properties, dict)
    flagged = {name: {FLAG: f"--{name.replace('_', '-')}", **option} for name, option in properties.items()}
    return {"type": "object", "properties": flagged, "additionalProperties": False}


def _support(support: Support) -> Document:
    return {axis: sorted(values) for axis, values in support.items()}


def _features(features: Iterable[Feature]) -> Document:
    """The values of each axis that an instance has, which may be several."""
    found: dict[str, list[str]] = defaultdict(list)
    for feature in sorted(features):
        found[feature.axis].append(feature.value)
    return dict(found)
