"""Reading by path or by the name of a shipped instance, and making sure that a file is what is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from partload.instances import files
from partload.instances.errors import InputError
from partload.instances.library import locate
from partload.instances.problems import problem_of


def read(path: str | Path) -> Any:
    """Read an instance or a solution file; a bare name is looked up in the shipped library.

    Raises
    ------
    InputError
        When there is no such file or name, or the file breaks a rule of its format.
    """
    return files.read(locate(path))


def read_instance(path: str | Path) -> Any:
    """Read an instance of any problem by path or library name; raises InputError on anything else."""
    record = read(path)
    if not isinstance(record, problem_of(record).instance):
        raise InputError("expected an instance, this is a solution", source=str(path))
    return record


def read_solution(path: str | Path) -> Any:
    """Read a solution file of any problem; raises InputError on anything else."""
    record = files.read(path)
    if not isinstance(record, problem_of(record).solution):
        raise InputError("expected a solution, this is an instance", source=str(path))
    return record
