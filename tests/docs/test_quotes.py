"""What the documentation quotes from the program is what the program prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.refresh import DOCS, QUOTED, refreshed

PAGES = [page for page in sorted(DOCS.rglob("*.md")) if QUOTED.search(page.read_text(encoding="utf-8"))]


def test_the_mathematics_is_quoted():
    assert "slot.md" in [page.name for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_quotes_are_what_the_program_prints(page: Path):
    text = page.read_text(encoding="utf-8")
    assert refreshed(text) == text, "renew the page with: python docs/refresh.py"
