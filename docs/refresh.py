"""Renew what the documentation quotes from the program: the output below each ``<!-- partload ... -->`` line.

python docs/refresh.py
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parent
TABLES = re.compile(r"% symbol \| name.*?(?=^% sizes)", re.DOTALL | re.MULTILINE)
"""Legend and lines of code between the equations and the sizes: the lines change with every change of the code."""
QUOTED = re.compile(r"<!-- partload (?P<command>.*?) -->\n```(?P<language>\w*)\n(?P<output>.*?)```\n", re.DOTALL)


def refreshed(text: str) -> str:
    """A page with every quoted output made anew."""

    def renew(match: re.Match[str]) -> str:
        output = _run(shlex.split(match["command"]))
        return f"<!-- partload {match['command']} -->\n```{match['language']}\n{output}```\n"

    return QUOTED.sub(renew, text)


def _run(command: list[str]) -> str:
    """What the command prints; of ``explain``, the mathematics alone, without lesson, legend and lines of code."""
    program = (sys.executable, "-m", "partload", *command)
    output = subprocess.run(program, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    if command[0] != "explain":
        return output
    end = r"\end{align*}"
    output = TABLES.sub("", output)
    return output[output.index(r"\begin{align*}") : output.rindex(end) + len(end)] + "\n"


if __name__ == "__main__":
    for page in sorted(DOCS.rglob("*.md")):
        page.write_text(refreshed(page.read_text(encoding="utf-8")), encoding="utf-8")
