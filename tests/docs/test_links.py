"""Links lead somewhere: those between pages, to headings of pages, and every ``docs/...`` that a file names."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GENERATED = DOCS / "reference" / "generated"
"""Pages that the build of the site writes; Sphinx checks the links to them, and in them."""
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(#[^)\s]+)?\)")
NAMED = re.compile(r"(?<![\w./-])docs/[\w./-]*\w(?![\w./-]*\*)")
TEXTS = {".md", ".py", ".txt", ".toml", ".css", ".js", ".jinja", ""}
FENCE = re.compile(r"^(```+|:::+).*?^\1\s*$", re.MULTILINE | re.DOTALL)


def tracked() -> list[Path]:
    """The files of the project that are text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name]
    return [file for file in files if file.suffix in TEXTS and file.is_file()]


def pages() -> list[Path]:
    """The pages of the documentation, lessons with them."""
    written = [page for page in DOCS.rglob("*.md") if GENERATED not in page.parents]
    return [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")), *sorted(written), *lessons()]


def lessons() -> list[Path]:
    return sorted((DOCS / "lessons").glob("[0-9]*.py"))


def slug(heading: str) -> str:
    """The anchor of a heading, as GitHub and the site make it."""
    text = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower())
    return text.replace(" ", "-")


@cache
def anchors(page: Path) -> frozenset[str]:
    """Anchors of the headings of a page, and those that it sets itself."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^(?:# )?#{1,6} (.+)$", text, re.MULTILINE)
    return frozenset([*map(slug, headings), *re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE)])


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page: Path):
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for path, anchor in LINK.findall(text):
        target = (page.parent / path).resolve() if path else page
        if GENERATED in target.parents:
            continue
        assert target.exists(), f"{path} is not there"
        if anchor:
            assert anchor[1:] in anchors(target), f"{path}{anchor} is no heading"


def test_paths_into_the_documentation_exist():
    for file in tracked():
        for name in NAMED.findall(file.read_text(encoding="utf-8")):
            assert (ROOT / name).exists() or GENERATED in (ROOT / name, *(ROOT / name).parents), (
                f"{file.relative_to(ROOT)}: {name}"
            )


def test_a_path_that_is_not_there_would_be_found():
    folder = "docs/"
    assert NAMED.findall(f"see {folder}no.md, and {folder}lessons/ too.") == [f"{folder}no.md", f"{folder}lessons"]
    assert LINK.findall("[a](b.md#c) [d](https://e) [f](#g)") == [("b.md", "#c"), ("", "#g")]
    assert slug("`solve` and [format](format.md): what is there?") == "solve-and-format-what-is-there"
