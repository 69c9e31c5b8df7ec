"""Ten facts, each at most three clicks from the start page, by links in the text of pages."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from docs.extensions.reference_pages import FOLDER, methods

DOCS = Path(__file__).parents[2] / "docs"
START = DOCS / "index.md"
CLICKS = 3
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]+\.(?:md|py))(?:#[^)\s]*)?\)")
LISTED = re.compile(r"^```\{toctree\}\n((?::.*\n)*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FACTS = {
    "sharing is worth five requests on edge-demo": ("index.md", "sharing is worth five requests"),
    "the least bandwidth of a user has a closed form": ("reference/slide.md", "The least rate has a closed form"),
    "what the status optimal means": ("reference/proof.md", "A solution is `optimal` when two numbers are equal"),
    "which method when": ("how-to/choose.md", "the first row that fits is what `solve` takes"),
    "deciding bandwidth after the schedule is optimal": ("reference/problems.md", "**Decoupling.**"),
    "backbone sharing is polynomial, with its proof": (
        "reference/dynamic.md",
        "no slot loads a block",
    ),
    "what overlap can save at most": (
        "studies/overlap.md",
        "saves nearly the part of the band",
    ),
    "what the gap to a bound says": ("reference/protocol.md", "Against a bound, the gap is an upper bound on the loss"),
    "what exit status 2 means": ("reference/commands.md", "| 2 | the input or the call is wrong"),
    "how the work of label setting grows": ("reference/generated/methods-partial-loading.md", "labels are bounded by"),
}


@cache
def text(page: Path) -> str:
    """A page as its author wrote it, or as it is made."""
    if FOLDER in page.parents:
        problem = page.stem.removeprefix("methods-")
        return methods.page(problem) if problem != page.stem else ""
    return page.read_text(encoding="utf-8")


def targets(page: Path) -> set[Path]:
    """Where the links in the text of a page lead, and the entries of lists of pages that it shows."""
    found = {(page.parent / link).resolve() for link in LINK.findall(text(page))}
    for options, body in LISTED.findall(text(page)):
        if ":hidden:" not in options:
            listed = (one for entry in body.split() for one in page.parent.glob(f"{entry.rstrip('*')}*"))
            found |= {one for one in listed if one.suffix in {".md", ".py"}}
    return {one for one in found if DOCS in one.parents}


@cache
def clicks() -> dict[Path, int]:
    """The least number of clicks from the start page to each page."""
    away, edge = {START: 0}, [START]
    while edge:
        new = {target for page in edge for target in targets(page)} - set(away)
        away |= dict.fromkeys(new, away[edge[0]] + 1)
        edge = sorted(new)
    return away


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_is_three_clicks_away(fact: str):
    path, words = FACTS[fact]
    page = DOCS / path
    assert words in " ".join(text(page).split())
    assert clicks()[page] <= CLICKS


def test_every_page_can_be_reached():
    pages = {page for page in DOCS.rglob("*.md") if FOLDER not in page.parents and "extensions" not in page.parts}
    lessons = set((DOCS / "lessons").glob("[0-9]*.py"))
    assert pages | lessons <= set(clicks())


def test_there_are_ten_facts():
    assert len(FACTS) == 10
