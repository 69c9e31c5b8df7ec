"""Reading by path or by the name of a shipped instance, and making sure that a file is what is needed."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar, overload

from partload.instances import arguments, files
from partload.instances.errors import InputError
from partload.instances.library import locate, names
from partload.instances.problems import Record, is_instance, is_solution, problem_of_instance
from partload.instances.records import AnyInstance
from partload.instances.solution import SolutionHeader

RecordT = TypeVar("RecordT", bound=Record)


@overload
def read(path: str | Path) -> Record: ...
@overload
def read(path: str | Path, kind: type[RecordT]) -> RecordT: ...
def read(path: str | Path, kind: type[RecordT] | None = None) -> Record:
    """Read an instance or a solution file; a bare name is looked up in the shipped library.

    Parameters
    ----------
    path
        A file, or the name of an instance of the library.
    kind
        The type of the record that is expected, such as ``partload.Instance``; None for any. It also tells a type
        checker what is read.

    Raises
    ------
    InputError
        When there is no such file or name, the file breaks a rule of its format, or it is not of that kind.
    """
    arguments.path(path, "path")
    if kind is not None and not (isinstance(kind, type) and isinstance(getattr(kind, "FORMAT", None), str)):
        raise arguments.refused("the type of a record, such as partload.Instance", kind, "kind")
    record = files.read(locate(path))
    if kind is not None and not isinstance(record, kind):
        raise InputError(f"expected a file of format {kind.FORMAT}, got {record.FORMAT}", source=str(path))
    return record


def read_instance(path: str | Path) -> AnyInstance:
    """Read an instance of any problem by path or library name; raises InputError on anything else."""
    record = read(path)
    if not is_instance(record):
        raise InputError("expected an instance, this is a solution", source=str(path))
    return record


def instance_of(given: AnyInstance | str | Path) -> AnyInstance:
    """An instance as it is; one that is given by path or library name is read. Raises InputError on anything else."""
    if isinstance(given, str | Path):
        return read_instance(given)
    problem_of_instance(given)
    return given


def read_solution(path: str | Path) -> SolutionHeader:
    """Read a solution file of any problem; raises InputError on anything else."""
    arguments.path(path, "path")
    if not Path(path).exists() and str(path) in names():
        raise InputError(f"expected a solution file; 'partload solve {path} -o FILE' writes one", source=str(path))
    record = files.read(path)
    if not is_solution(record):
        raise InputError("expected a solution, this is an instance", source=str(path))
    return record
