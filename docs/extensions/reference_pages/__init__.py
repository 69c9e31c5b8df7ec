"""Pages of the reference that are made from the package when the site is built: never typed, never committed.

``docs/reference/generated`` gets a page for each formulation, the methods of each problem, the commands, the shipped
instances and the modules of the Python API. A page that has not changed is not written again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[3]

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = ROOT / "docs" / "reference" / "generated"


def pages() -> dict[str, str]:
    """The text of each page, by its path in the folder."""
    from docs.extensions.reference_pages import commands, formulations, library, methods, modules

    made: dict[str, str] = {}
    for maker in (formulations, methods, commands, library, modules):
        made |= maker.pages()
    return made


def write(app: Sphinx | None = None) -> None:
    """Bring the folder up to date."""
    made = {FOLDER / path: text for path, text in pages().items()}
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in FOLDER.rglob("*.*"):
        if path not in made:
            path.unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before Sphinx looks for them."""
    from docs.extensions.reference_pages.modules import as_text

    app.connect("autodoc-process-docstring", as_text)
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
