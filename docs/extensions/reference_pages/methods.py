"""A page of the methods of each problem: what each does, promises and costs, and which instances it covers."""

from __future__ import annotations

import importlib
import inspect

from docs.extensions.reference_pages.markdown import TITLES, linked, table
from partload.instances.problems import PROBLEMS
from partload.solvers.methods import METHODS
from partload.solvers.registry import Method

EXPLAINED = {
    "partial-loading": {
        "dynamic": "dynamic",
        "weighted-dynamic": "dynamic",
        "sequence": "sequence",
        "label-setting": "label-setting",
        "tool-switching": "cached",
        "set-union": "cached",
        "milp": "slot",
        "tangents": "joint",
        "minlp": "joint",
    },
    "slide": {
        "milp": "slide",
        "minlp": "slide",
    },
}
"""The page of the reference that explains a method; those that are not named are on the page of all others."""
OTHERS = {"partial-loading": "heuristics", "slide": "slide-methods"}


def pages() -> dict[str, str]:
    """The pages, by their paths."""
    return {f"methods-{problem.name}.md": page(problem.name) for problem in PROBLEMS}


def page(problem: str) -> str:
    """The page of the methods of a problem."""
    mine = [method for method in METHODS if method.problem == problem]
    rows = ((f"[`{one.name}`](#{one.name})", one.guaranteed, one.complexity or "") for one in mine)
    return "\n".join(
        (
            f"# The methods of {TITLES[problem]}\n",
            "`solve` without `--method` takes the first exact method that covers the instance, in this order. "
            "[Which method when](../../how-to/choose.md) helps to choose another one.\n",
            table(("method", "guarantee", "how the work grows"), rows),
            *(_method(one) for one in mine),
        )
    )


def _method(method: Method) -> str:
    module = importlib.import_module(method.module)
    path = method.module.removeprefix("partload.").replace(".", "/") + ".py"
    explained = EXPLAINED[method.problem].get(method.name, OTHERS[method.problem])
    rows = [
        ("guarantee", method.guaranteed),
        ("how the work grows", method.complexity or ""),
        ("covers", method.covers),
        ("explained in", f"[{explained}](../{explained}.md)"),
        ("code", f"{{source}}`{path} <{path}>`"),
    ]
    summary = f"{method.summary[:1].upper()}{method.summary[1:]}."
    return f"## {method.name}\n\n{summary}\n\n{table(('', ''), rows)}\n{_rest(module)}\n"


def _rest(module: object) -> str:
    """What the header of the module says beyond its first line; headers of methods are plain text."""
    lines = (inspect.getdoc(module) or "").splitlines()[1:]
    return linked("\n".join(lines).strip().replace("``", "`"), "../")
