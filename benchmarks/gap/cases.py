"""What a study is over: instances from files, folders, the library and generators, and their variations."""

from __future__ import annotations

import dataclasses
import itertools
import typing
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from partload.benchmarks.gap.rows import Swept
from partload.instances.errors import InputError
from partload.instances.generators import FAMILIES, generate
from partload.instances.problems import PROBLEMS, problem_of
from partload.instances.ranges import read_values
from partload.instances.reading import read, read_instance
from partload.instances.variations import Sweep, varied

IN_NAME = ("models", "requests", "users", "seed")
"""Options that the name of a generated instance states already."""


@dataclasses.dataclass(frozen=True)
class Case:
    """An instance of a study."""

    instance: Any
    """Of either problem."""
    swept: Swept | None = None
    """How it was made of another one; None for an instance as it was given."""


Source = str | Path | Any
"""A text, a path, an instance of either problem, or a ``Case``."""
INSTANCES = tuple(problem.instance for problem in PROBLEMS)


def cases(sources: Iterable[Source], sweeps: Sequence[Sweep] = ()) -> list[Case]:
    """Every instance of the sources or, with sweeps, their variations in its stead, sweep after sweep.

    Parameters
    ----------
    sources
        Instances; cases, which have been varied already; files; folders, of which every ``.json`` file that is an
        instance is taken; names of the library; and texts such as ``general:models=6,requests=20,seed=0:9:10``: a
        family of ``generate`` with its options, where a range stands for one instance each.
    sweeps
        Parameters and their values, each set alone.

    Raises
    ------
    InputError
        When a source cannot be read, a folder has no instance, or a parameter cannot take a value on an instance.
    """
    given = [case for source in sources for case in _given(source)]
    if not given:
        raise InputError("expected an instance: a file, a folder, or the name of one in the library")
    return [swept for case in given for swept in _varied(case.instance, sweeps)] if sweeps else given


def _varied(instance: Any, sweeps: Sequence[Sweep]) -> Iterator[Case]:
    for sweep in sweeps:
        for value in sweep.values:
            swept = Swept(of=instance.name, parameter=sweep.parameter, value=value)
            yield Case(varied(instance, sweep.parameter, value), swept)


def _given(source: Source) -> Iterator[Case]:
    if isinstance(source, Case):
        yield source
    else:
        yield from map(Case, _instances(source))


def _instances(source: Source) -> Iterator[Any]:
    if isinstance(source, INSTANCES):
        yield source
        return
    family, colon, options = str(source).partition(":")
    if Path(source).is_dir():
        yield from _in_folder(Path(source))
    elif colon and family in FAMILIES:
        yield from _generated(family, options)
    else:
        yield read_instance(source)


def _in_folder(folder: Path) -> Iterator[Any]:
    records = [read(file) for file in sorted(folder.glob("*.json"))]
    found = [record for record in records if isinstance(record, problem_of(record).instance)]
    if not found:
        raise InputError("expected .json files of instances in this folder, there are none", source=str(folder))
    yield from found


def _generated(family: str, text: str) -> Iterator[Any]:
    """Instances of a family, one for each combination of its options' values, which go into the name where needed."""
    fields = typing.get_type_hints(FAMILIES[family].options)
    chosen: dict[str, Sequence[Any]] = {}
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        name = name.replace("-", "_")
        if not equals:
            raise InputError(f"expected OPTION=VALUE, got {part!r}", source=family)
        chosen[name] = _values(value, f"{family}: {name}", whole=int in _kinds(fields.get(name)))
    for values in itertools.product(*chosen.values()):
        options = dict(zip(chosen, values))
        try:
            instance = generate(family, **options)
        except InputError as error:
            raise error.within(family) from None
        varying = (name for name in chosen if len(chosen[name]) > 1 and name not in IN_NAME)
        yield instance.replace(name=" ".join([instance.name, *(f"{name}={options[name]:.12g}" for name in varying)]))


def _values(text: str, source: str, *, whole: bool) -> Sequence[Any]:
    """The values of an option: numbers, a word, or whether something holds."""
    if text in ("true", "false"):
        return (text == "true",)
    if text.replace("-", "").replace("_", "").isalpha():
        return (text,)
    values = read_values(text, source, whole=whole)
    return [int(value) for value in values] if whole else values


def _kinds(annotation: Any) -> set[Any]:
    """The plain types in an annotation: those of ``Annotated[int, ..] | None`` are int and None."""
    parts = typing.get_args(annotation)
    return {annotation} if not parts else set().union(*(_kinds(part) for part in parts))
