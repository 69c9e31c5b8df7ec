"""Every picture of the documentation has colours of its own for dark mode."""

from __future__ import annotations

from pathlib import Path

import pytest

from partload.benchmarks.palette import dark_style

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = sorted(DOCS.rglob("*.svg"))


def test_there_are_pictures():
    assert DOCS / "edge-demo.svg" in PICTURES


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.stem)
def test_a_picture_has_the_colours_of_dark_mode(picture: Path):
    assert dark_style() in picture.read_text(encoding="utf-8")
