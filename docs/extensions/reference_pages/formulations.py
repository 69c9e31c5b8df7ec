"""A page for each formulation: every equation that it can have, rendered, with the component that states it.

What an instance has decides which constraints a formulation needs, so a formulation is explained for many small
instances: those of the library, and each of them with every uplink, with and without arrivals. An equation that reads
differently on some of them is shown in each of its forms, with the features that ask for it.
"""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from docs.extensions.reference_pages.markdown import TITLES, code, display, formula, linked, table
from partload.formulations import FORMULATIONS, by_name
from partload.formulations.explain.explanation import Equation, Explanation, explain
from partload.formulations.explain.latex import paragraphs
from partload.formulations.registry import Formulation
from partload.instances import library
from partload.instances.features import Feature
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.uplink import UPLINKS
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance

SMALL = 12
"""Most requests or users of the instances that are explained."""
NUMBER = re.compile(r"(?<![-{,\w.])\d[\d.]*(?![\d}])")
"""A number that an instance states, and not one that belongs to the equation."""
EXPLAINED = {
    "slot": "slot",
    "sequence": "sequence",
    "set-union": "cached",
    "cone": "joint",
    "joint": "joint",
    "provisioning": "slide",
    "recursion": "slide",
}
"""The page of the reference that says why each formulation is as it is."""
DERIVED = ("three-models", "static-band", "general-small-power")
"""Instances with which a derivation is shown."""

HEADER_SYMBOL = re.compile(r"^\| ([^|`]*_[^|`]*) \| `", re.MULTILINE)
"""The symbol in a line of the table in the header of a formulation, in plain text."""
GREEK = re.compile(r"\b(ell|gamma|kappa|omega|phi|psi|rho|tau|theta)_")
HAT = re.compile(r"(\w)\^_")

VALID = "valid"
"""In place of the number of an equation: constraints that state nothing new."""


class Form(NamedTuple):
    """One form of an equation."""

    equation: Equation
    instance: str
    """An instance that has it."""
    features: tuple[Feature, ...]
    """What all instances with this form have and none with another form has."""


class Pair(NamedTuple):
    """An instance and what there is to say of a formulation for it."""

    instance: AnyInstance
    explanation: Explanation


def pages() -> dict[str, str]:
    """The pages, by their paths."""
    return {f"formulations/{one.name}.md": page(one) for one in FORMULATIONS}


@cache
def instances() -> tuple[AnyInstance, ...]:
    """Small instances that together have every feature, alone and with others."""
    found: list[AnyInstance] = []
    for instance in map(library.load, library.names()):
        if len(instance.demand) > SMALL:
            continue
        found.append(instance)
        if isinstance(instance, Instance):
            found += _variations(instance)
    return tuple(found)


def _variations(instance: Instance) -> Iterator[Instance]:
    late = [dataclasses.replace(one, arrival_s=one.deadline_s / 10) for one in instance.requests[::2]]
    asked = (*late, *instance.requests[1::2])
    for uplink in UPLINKS:
        yield instance.replace(uplink=uplink)
        yield instance.replace(uplink=uplink, requests=asked)
    latency = asked[0].deadline_s / 100
    yield instance.replace(residency="cached", visits="any", load_latency_s=latency)
    blocks = instance.models[0].blocks
    if instance.server.memory_bytes is None:
        yield instance.replace(resident_blocks=blocks)
    free = tuple(dataclasses.replace(one, input_bits=0.0) for one in instance.requests)
    models = tuple(dataclasses.replace(one, max_batch=None) for one in instance.models)
    yield instance.replace(
        requests=free, models=models, memory_bytes=None, residency="cached", visits="once", load_latency_s=0.0
    )


@cache
def explained(name: str) -> tuple[Pair, ...]:
    """The formulation of a name, explained for each instance that it covers."""
    formulation = by_name(FORMULATIONS, name)
    mine = [one for one in instances() if problem_of(one).name == formulation.problem]
    return tuple(Pair(one, explain(formulation, one)) for one in mine if not formulation.unsupported(one))


def forms(formulation: Formulation) -> dict[str, list[Form]]:
    """The forms of every equation, by the name of its component, in the order in which the model states them."""
    found: dict[str, dict[tuple[str, str], list[tuple[Equation, AnyInstance]]]] = {}
    for instance, explanation in explained(formulation.name):
        for equation in explanation.equations:
            form = (NUMBER.sub("#", equation.body), equation.where)
            found.setdefault(equation.name, defaultdict(list))[form].append((equation, instance))
    return {name: list(_forms(variants.values())) for name, variants in found.items()}


def _forms(variants: Iterable[list[tuple[Equation, AnyInstance]]]) -> Iterator[Form]:
    having = [[set(problem_of(one).features(one)) for _, one in members] for members in variants]
    for mine, members in enumerate(variants):
        shared = set.intersection(*having[mine])
        others = set().union(*(features for at, each in enumerate(having) if at != mine for features in each))
        equation, instance = members[0]
        yield Form(equation, instance.name, tuple(sorted(shared - others)))


def stated(lines: Iterable[str]) -> dict[str, list[str]]:
    """The components that state each equation, from lines of its number and their names."""
    return {words[0]: words[1:] for words in map(str.split, lines) if words}


def page(formulation: Formulation) -> str:
    """The page of a formulation."""
    pairs = explained(formulation.name)
    program, problem = "MILP" if formulation.linear else "MINLP", TITLES[formulation.problem]
    return "\n".join(
        (
            f"# The formulation `{formulation.name}`\n",
            f"{formulation.kind.capitalize()}, a {program} of {problem}; covers {formulation.covers}.",
            f"[Why it is so](../../{EXPLAINED[formulation.name]}.md). Printed from the code by "
            f"`partload explain {formulation.name}`.\n",
            HEADER_SYMBOL.sub(_rendered, linked(pairs[0].explanation.lesson, "../../")),
            "\n## Equations\n",
            *(_component(name, found) for name, found in forms(formulation).items()),
            "## Variables\n",
            table(("variable", "for", "name", "meaning"), _declarations(pairs)),
            "## Symbols\n",
            table(("symbol", "name", "kind", "meaning", "unit"), _legend(pairs)),
            "## Sizes\n",
            table(("instance", "size"), _sizes(pairs)),
            *_derivations(pairs),
        )
    )


def _rendered(row: re.Match[str]) -> str:
    """The beginning of a line of the table with its symbol as a formula, like the equations below it."""
    symbol = HAT.sub(r"\\hat \1_", GREEK.sub(r"\\\1_", row[1]))
    return f"| {formula(symbol)} | `"


def _component(name: str, found: list[Form]) -> str:
    meaning = found[0].equation.meaning
    lines = [f"### `{name}`\n", f"{meaning[:1].upper()}{meaning[1:]}.\n" if meaning else ""]
    for form in found:
        if len(found) > 1:
            features = " and ".join(f"{one.axis} `{one.value}`" for one in form.features)
            lines.append(f"With {features}:\n" if features else f"For example on `{form.instance}`:\n")
        one = form.equation
        lead = f"{one.lead}\\ " if one.lead.startswith(r"\m") else ""
        lines.append(display(lead + one.body + (rf" \qquad \forall\, {one.where}" if one.where else "")))
        path, _, line = one.source.partition(":")
        lines.append(f"{{source}}`{one.source} <{path}#line-{line}>`\n")
    return "\n".join(lines)


def _declarations(pairs: Iterable[Pair]) -> Iterator[tuple[str, ...]]:
    seen: set[str] = set()
    for one in (each for pair in pairs for each in pair.explanation.declarations):
        if one.name not in seen:
            seen.add(one.name)
            yield formula(one.body), formula(one.where), code(one.name), one.meaning


def _legend(pairs: Iterable[Pair]) -> Iterator[tuple[str, ...]]:
    entries = {one.name: one for pair in reversed(tuple(pairs)) for one in pair.explanation.legend}
    for kind in ("set", "variable", "data"):
        for one in entries.values():
            if one.kind == kind:
                yield formula(one.symbol), code(one.name), one.kind, one.meaning, one.unit


def _sizes(pairs: Iterable[Pair]) -> Iterator[tuple[str, ...]]:
    seen: set[str] = set()
    for instance, explanation in pairs:
        if instance.name not in seen:
            seen.add(instance.name)
            yield code(instance.name), str(explanation.sizes)


def _derivations(pairs: Iterable[Pair]) -> Iterator[str]:
    shown: set[str] = set()
    for instance, explanation in pairs:
        if explanation.derivation and instance.name in DERIVED and instance.name not in shown:
            shown.add(instance.name)
            yield f"## What follows, with the numbers of `{instance.name}`\n"
            for is_text, line in paragraphs(explanation.derivation):
                latex = line.strip().removesuffix(r"\\").replace("&", " ").strip()
                if is_text:
                    yield f"{line.replace('_', chr(92) + '_').replace('*', chr(92) + '*')}\n"
                elif not latex.startswith((r"\begin", r"\end")):
                    yield display(latex)
