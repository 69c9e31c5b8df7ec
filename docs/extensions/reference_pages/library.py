"""The page of the shipped instances: what each is for, its sizes and features, and its best known value."""

from __future__ import annotations

from docs.extensions.reference_pages.markdown import TITLES, table
from partload.instances import library
from partload.instances.problems import PROBLEMS, problem_of
from partload.views import view_of


def pages() -> dict[str, str]:
    """The page, by its path."""
    return {"library.md": page()}


def page() -> str:
    """A table for each problem."""
    known, instances = library.known(), [library.load(name) for name in library.names()]
    parts = [
        "# The shipped instances\n",
        "A name can replace a path: `partload solve edge-demo`. `partload library` prints these tables.\n",
    ]
    for problem in PROBLEMS:
        rows = []
        for one in (each for each in instances if problem_of(each) is problem):
            best = known.get(one.name)
            value = "" if best is None else f"{best.best:g}"
            bound = "" if best is None else f"{best.bound:g}"
            sizes = (str(len(one.models)), str(len(one.demand)))
            rows.append((f"`{one.name}`", *sizes, view_of(one).features(one), value, bound, one.description or ""))
        head = ("instance", "models", problem.demand_name, "features", "best", "bound", "what it is for")
        parts += [f"## {TITLES[problem.name]}\n", table(head, rows)]
    return "\n".join(parts)
