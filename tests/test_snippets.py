"""Every snippet of README, CONTRIBUTING and docs/ works: the blocks of a file run in order, in an empty folder.

Fenced ``sh`` and ``python`` blocks are run. Lines that need the checkout or the network, such as ``make demo`` and
``pip install``, stand in indented blocks, which are not. The default run takes the templates, CI all.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}


def snippets(page: Path) -> list[tuple[str, str]]:
    return FENCED.findall(page.read_text(encoding="utf-8"))


PAGES = [
    page
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
    if snippets(page) and "generated" not in page.parts
]


FIRST = {"CONTRIBUTING.md"}


def test_pages_have_snippets_of_known_languages():
    assert ROOT / "README.md" in PAGES
    assert {language for page in PAGES for language, _ in snippets(page)} <= set(COMMANDS)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=str(page.relative_to(ROOT)), marks=[] if page.name in FIRST else [pytest.mark.long])
        for page in PAGES
    ],
)
def test_snippets_run(page: Path, tmp_path: Path):
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for language, code in snippets(page):
        done = subprocess.run(
            [*COMMANDS[language], code], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
