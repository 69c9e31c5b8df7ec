"""``partload new``: a folder with a heuristic or a formulation of one's own that works as it stands."""

from __future__ import annotations

import keyword
from pathlib import Path
from typing import Annotated

import typer

KINDS = ("heuristic", "formulation")
INSTANCES = {"partial-loading": ("three-models", "backbone-small"), "slide": ("slide-weights", "slide-overlap")}
"""Small instances for the test and the study of each problem; the first is the example."""
OTHERS = {"partial-loading": "greedy-rate", "slide": "smallest-model"}
"""A heuristic to compare with."""


def new(
    kind: Annotated[str, typer.Argument(help="What to write: heuristic or formulation.", metavar="KIND")],
    name: Annotated[str, typer.Argument(help="Name of the folder and of the module in it.", metavar="NAME")],
    problem: Annotated[
        str, typer.Option(help="Problem: partial-loading or slide.", metavar="PROBLEM")
    ] = "partial-loading",
) -> None:
    """Write a heuristic or a formulation to start from.

    Makes the folder NAME with NAME.py, test_NAME.py and README.md, which has the commands of a study. An existing
    folder is refused.
    """
    from partload.instances.errors import InputError, expected_one_of

    for value, known, what in ((kind, KINDS, "kind"), (problem, tuple(INSTANCES), "--problem")):
        if value not in known:
            raise InputError(expected_one_of(known, value), source=what)
    _check_name(name)
    folder = Path(name)
    texts = _texts(kind, name, problem)
    try:
        folder.mkdir()
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8")
    except FileExistsError:
        raise InputError("expected the name of a new folder, this one is there already", source=name) from None
    except OSError as error:
        raise InputError(f"cannot write here: {error.strerror}", source=str(error.filename or name)) from None
    for file in texts:
        print(f"wrote {folder / file}")
    print(f"next: cd {name}, and the commands of README.md")


def _check_name(name: str) -> None:
    """Raise InputError on a name that a module cannot have, or that would hide another module."""
    import importlib.util
    import sys

    from partload.instances.errors import InputError

    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
        problem = "expected the name of a Python module: letters, digits and underscores, not a digit first"
        raise InputError(f"{problem}, got {name!r}", source="name")
    if Path(name).exists():
        return  # Which is refused as a folder that is there.
    if name in sys.stdlib_module_names or importlib.util.find_spec(name) is not None:
        raise InputError(f"expected a name of its own, a module {name!r} is installed", source="name")


def _texts(kind: str, name: str, problem: str) -> dict[str, str]:
    """The files of the folder, by name."""
    from importlib import resources
    from string import Template

    names = INSTANCES[problem]
    values = {
        "name": name,
        "problem": problem,
        "example": names[0],
        "instances": " ".join(names),
        "quoted": ", ".join(f'"{one}"' for one in names),
        "others": OTHERS[problem],
    }
    sources = {f"{name}.py": f"{problem.replace('-', '_')}.py", f"test_{name}.py": "test.py", "README.md": "README.md"}
    folder = resources.files("partload.templates").joinpath(kind)
    return {
        file: Template(folder.joinpath(f"{source}.txt").read_text(encoding="utf-8")).substitute(values)
        for file, source in sources.items()
    }
