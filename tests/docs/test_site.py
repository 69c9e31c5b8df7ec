"""The built site in a browser with the network cut: no page asks another host, fails, or is wider than its window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.chromium import chromium

pytestmark = pytest.mark.browser

SITE = Path(__file__).parents[2] / "out" / "site"
WIDTHS = (1280, 390)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with chromium() as started:
        yield started


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_need_no_network_and_fit_the_window(browser, width: int):
    pages = sorted(SITE.rglob("*.html"))
    assert len(pages) > 100, "`make docs` builds the site"
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
    asked: list[str] = []
    failed: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("weberror", lambda error: failed.append(str(error.error)))
    page = context.new_page()
    wide = []
    for file in pages:
        page.goto(file.as_uri())
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(str(file.relative_to(SITE)))
    context.close()
    assert len(asked) >= len(pages)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert failed == []
    assert wide == []


def test_notebooks_of_lessons_fold_the_solutions():
    notebooks = sorted(SITE.glob("lessons/*.ipynb"))
    assert len(notebooks) == len([*SITE.glob("lessons/[0-9]*.html")]) > 0
    for notebook in notebooks:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        solutions = [cell for cell in cells if "\nwrong_1 = " in "".join(cell["source"])]
        assert len(solutions) == 1
        assert solutions[0]["metadata"]["jupyter"] == {"source_hidden": True}
