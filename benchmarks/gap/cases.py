"""Cases of a study: instances from files, folders, the library and generators, and their variations."""

from __future__ import annotations

import dataclasses
import itertools
import typing
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from partload.benchmarks.gap.rows import Swept
from partload.instances.errors import InputError
from partload.instances.generators import FAMILIES, generate
from partload.instances.problems import is_instance
from partload.instances.ranges import read_values
from partload.instances.reading import read, read_instance
from partload.instances.records import AnyInstance
from partload.instances.variations import Sweep, varied

OPTIONS_IN_NAME = ("models", "requests", "users", "seed")
"""Options of a generator that are a part of the instance's name anyway."""


@dataclasses.dataclass(frozen=True)
class Case:
    """An instance of a study."""

    instance: AnyInstance
    swept: Swept | None = None
    """The parameter that was varied; None for an instance that was not varied."""


Source = str | Path | AnyInstance | Case


def cases(sources: Source | Iterable[Source], sweeps: Sequence[Sweep] = ()) -> list[Case]:
    """Read every instance of the sources. With sweeps, the variations of an instance take its place.

    Parameters
    ----------
    sources
        One source or several: an instance; a case, which may be a variation already; a file; a folder, of which every
        ``.json`` file with an instance is read; a name of the library; or a text such as
        ``general:models=6,requests=20,seed=0:9:10``, which is a family of ``generate`` with its options, where a range
        makes one instance for each of its values.
    sweeps
        Parameters and their values. Each variation changes one parameter.

    Raises
    ------
    InputError
        When a source cannot be read, a folder has no instance, or a parameter cannot take a value on an instance.
    """
    given = [case for source in _listed(sources) for case in _cases_of(source)]
    if not given:
        raise InputError("expected an instance: a file, a folder, or the name of one in the library")
    return [variation for case in given for variation in _variations(case.instance, sweeps)] if sweeps else given


def _listed(sources: Source | Iterable[Source]) -> Iterable[Source]:
    """The sources one by one. A text is one source, not an iterable of its characters."""
    if isinstance(sources, str | Path | Case) or not isinstance(sources, Iterable):
        return [sources]
    return sources


def _variations(instance: AnyInstance, sweeps: Sequence[Sweep]) -> Iterator[Case]:
    for sweep in sweeps:
        for value in sweep.values:
            swept = Swept(of=instance.name, parameter=sweep.parameter, value=value)
            yield Case(varied(instance, sweep.parameter, value), swept)


def _cases_of(source: Source) -> Iterator[Case]:
    if isinstance(source, Case):
        yield source
    elif isinstance(source, str | Path):
        yield from map(Case, _read(source))
    elif is_instance(source):
        yield Case(source)
    else:
        expected = "expected an instance, a file, a folder, the name of an instance or a family with options"
        raise InputError(f"{expected}, got a {type(source).__name__}", source="sources")


def _read(source: str | Path) -> Iterator[AnyInstance]:
    family, colon, options = str(source).partition(":")
    if Path(source).is_dir():
        yield from _read_folder(Path(source))
    elif colon and family in FAMILIES:
        yield from _generate(family, options)
    else:
        yield read_instance(source)


def _read_folder(folder: Path) -> Iterator[AnyInstance]:
    records = [read(file) for file in sorted(folder.glob("*.json"))]
    found = [record for record in records if is_instance(record)]
    if not found:
        raise InputError("expected .json files of instances in this folder, there are none", source=str(folder))
    yield from found


Option = float | int | str | bool
"""A value of an option of a generator."""


def _generate(family: str, text: str) -> Iterator[AnyInstance]:
    """Generate an instance for each combination of the options' values. Its name tells it from the others."""
    fields = typing.get_type_hints(FAMILIES[family].options)
    chosen: dict[str, Sequence[Option]] = {}
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        name = name.replace("-", "_")
        if not equals:
            raise InputError(f"expected OPTION=VALUE, got {part!r}", source=family)
        chosen[name] = _values(value, f"{family}: {name}", whole=int in _plain_types(fields.get(name)))
    for values in itertools.product(*chosen.values()):
        options = dict(zip(chosen, values))
        try:
            instance = generate(family, **options)
        except InputError as error:
            raise error.within(family) from None
        varying = (name for name in chosen if len(chosen[name]) > 1 and name not in OPTIONS_IN_NAME)
        yield instance.replace(name=" ".join([instance.name, *(f"{name}={options[name]:.12g}" for name in varying)]))


def _values(text: str, source: str, *, whole: bool) -> Sequence[Option]:
    """The values of an option: numbers, a name, true or false."""
    if text in ("true", "false"):
        return (text == "true",)
    if text.replace("-", "").replace("_", "").isalpha():
        return (text,)
    values = read_values(text, source, whole=whole)
    return [int(value) for value in values] if whole else values


def _plain_types(annotation: object) -> set[object]:
    """The plain types in an annotation: int and None for ``Annotated[int, ..] | None``."""
    parts = typing.get_args(annotation)
    return {annotation} if not parts else set().union(*(_plain_types(part) for part in parts))
