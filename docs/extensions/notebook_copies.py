"""Each lesson as a Jupyter notebook beside its page, with a link below the title of the lesson.

The lessons are Python files in the percent format. Their notebooks are written when the site is built, without outputs.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import jupytext
from sphinx.errors import ExtensionError

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "lessons"
REQUIREMENTS = re.compile(r"^(# \*\d+ minutes\..*?\*)$", re.MULTILINE | re.DOTALL)
"""The lines below the title: how long the lesson takes and what it needs."""
PAGE = re.compile(r"(\]\((?:\.\./)*[\w/-]+)\.md([)#])")
"""A link to a page."""
HIDDEN = {"hide-cell", "hide-input"}
"""Tags of cells that pages of the site fold, such as solutions. Jupyter does not know them, and is told to fold."""


def add_link(app: Sphinx, docname: str, content: list[str]) -> None:
    """Add the link to the source of a lesson."""
    if not docname.startswith(f"{FOLDER}/"):
        return
    name = Path(docname).name
    link = f'# <a href="{name}.ipynb" download>This lesson as a Jupyter notebook</a>'
    content[0], found = REQUIREMENTS.subn(rf"\1\n#\n{link}", content[0], count=1)
    if not found:
        raise ExtensionError(f"{docname}: expected a line '*N minutes. ...*' below the title")


def write_notebooks(app: Sphinx, exception: Exception | None) -> None:
    """Write the notebooks; their links lead to the pages of the site, and what pages hide is folded."""
    if exception is not None or app.builder.format != "html":
        return
    for lesson in sorted((Path(app.srcdir) / FOLDER).glob("[0-9]*.py")):
        notebook = jupytext.read(lesson, fmt="py:percent")
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = PAGE.sub(r"\1.html\2", cell.source)
            elif HIDDEN & {*cell.metadata.get("tags", ())}:
                cell.metadata["jupyter"] = {"source_hidden": True}
        jupytext.write(notebook, Path(app.outdir) / FOLDER / f"{lesson.stem}.ipynb", fmt="ipynb")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register both steps."""
    app.connect("source-read", add_link)
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
