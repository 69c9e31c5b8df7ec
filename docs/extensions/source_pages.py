"""Links to source files lead to pages of the site that show the file, with its line numbers.

In Markdown, ``[the formulation](../formulations/x.py)`` works in a checkout and on the site. So do links to
``CONTRIBUTING.md``, which is a page of the site, and its own links into ``docs/``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

if TYPE_CHECKING:
    from docutils.parsers.rst.states import Inliner
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
LINK = re.compile(
    r"\[([^\]]+)\]\((?:\.\./)*((?:benchmarks|formulations|instances|partload|solvers|tests)/[\w/]+\.py)\)"
)
CONTRIBUTING = re.compile(r"(?:\.\./)+CONTRIBUTING\.md")
PAGE = "how-to/contributing"
"""The page that includes CONTRIBUTING.md."""
FOLDER = "source"


def rewrite_links(app: Sphinx, docname: str, content: list[str]) -> None:
    """Turn the links of a page to source files into the role ``source``."""
    if docname != PAGE:
        content[0] = CONTRIBUTING.sub(f"{'../' * docname.count('/')}{PAGE}.md", content[0])
    content[0] = LINK.sub(_role, content[0])


def rewrite_included(app: Sphinx, path: Path, parent: str, content: list[str]) -> None:
    """The same for a file that a page includes; its links start at the root."""
    content[0] = LINK.sub(_role, content[0].replace("](docs/", "](../"))


def _role(link: re.Match[str]) -> str:
    return f"{{source}}`{link[1].replace('`', '')} <{link[2]}>`"


def source_role(
    name: str, rawtext: str, text: str, lineno: int, inliner: Inliner, options: object = None, content: object = None
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """A link to the page of a source file, or to a line of it: ``title <path#line-7>``."""
    env = inliner.document.settings.env
    found = re.fullmatch(r"(.*) <(.*)>", text, flags=re.DOTALL)
    title, place = (found[1], found[2]) if found else (text, text)
    path, line = place.partition("#")[::2]
    if not (ROOT / path).is_file():
        return [], [inliner.reporter.warning(f"no source file {path}", line=lineno)]
    shown: set[str] = env.metadata.setdefault("source pages", set())
    shown.add(path)
    up = "../" * env.docname.count("/")
    reference = nodes.reference(rawtext, "", refuri=f"{up}{FOLDER}/{path}.html{line and '#' + line}", internal=True)
    reference += nodes.literal(title, title) if ".py" in title else nodes.Text(title)
    return [reference], []


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, object], str]]:
    """The page of each source file that a page links to."""
    assert app.env is not None
    for path in sorted(app.env.metadata.get("source pages", ())):
        code = (ROOT / path).read_text(encoding="utf-8")
        body = highlight(code, PythonLexer(), HtmlFormatter(linenos="inline", lineanchors="line", anchorlinenos=True))
        context = {"title": path, "body": f"<h1>{path}</h1>\n{body}", "parents": []}
        yield f"{FOLDER}/{path}", context, "page.html"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the role and the pages."""
    app.add_role("source", source_role)
    app.connect("source-read", rewrite_links)
    app.connect("include-read", rewrite_included)
    app.connect("html-collect-pages", pages)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
