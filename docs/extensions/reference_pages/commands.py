"""The page of the commands: what ``partload COMMAND --help`` prints, as tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO

from docs.extensions.reference_pages.markdown import table
from partload.cli import run

SECTION = re.compile(r"^(Usage|Arguments|Options|Commands):(.*)$")
ENTRY = re.compile(r"^  (\S.*?)(?:  +(.*))?$")
"""The first line of an argument, an option or a command: its name, two spaces, its meaning."""


def pages() -> dict[str, str]:
    """The page, by its path."""
    intro = "What `partload COMMAND --help` prints. [Commands](../commands.md) explains and shows examples.\n"
    _, found = _help(())
    names = [name for name, _ in found["Commands"]]
    rows = ((f"[`{name}`](#{name})", _plain(_help((name,))[0].split("\n\n")[0].replace("\n", " "))) for name in names)
    listed = table(("command", "what it does"), rows)
    parts = (part for name in names for part in _command((name,)))
    return {"commands.md": "\n".join(("# All options\n", intro, listed, *parts))}


def _help(words: tuple[str, ...]) -> tuple[str, dict[str, list[tuple[str, str]]]]:
    """What a command is for, and the entries of each section of its help."""
    printed = StringIO()
    with redirect_stdout(printed):
        assert run([*words, "--help"]) == 0
    text, entries, section = [], {"Usage": [], "Arguments": [], "Options": [], "Commands": []}, ""
    for line in printed.getvalue().splitlines():
        if begins := SECTION.match(line):
            section = begins[1]
            if section == "Usage":
                entries[section].append((begins[2].strip(), ""))
        elif section == "Usage":
            text.append(line.strip())
        elif entry := ENTRY.match(line):
            entries[section].append((entry[1], entry[2] or ""))
        elif line.strip():
            name, meaning = entries[section][-1]
            entries[section][-1] = (name, _joined(meaning, line.strip()))
    return "\n".join(text).strip(), entries


def _joined(before: str, after: str) -> str:
    """Two lines of a text; a word is divided after a hyphen that it has anyway."""
    return before + after if before.endswith("-") or not before else f"{before} {after}"


def _command(words: tuple[str, ...]) -> Iterator[str]:
    text, entries = _help(words)
    yield f"{'#' * (1 + len(words))} {' '.join(words)}\n"
    yield f"    {entries['Usage'][0][0]}\n"
    yield f"{_plain(text)}\n"
    for name, head in (("Arguments", "argument"), ("Options", "option")):
        rows = [(f"`{entry}`", _plain(meaning)) for entry, meaning in entries[name] if "--help" not in entry]
        if rows:
            yield table((head, "meaning"), rows)
    for name, _ in entries["Commands"]:
        yield from _command((*words, name))


def _plain(text: str) -> str:
    """A text as Markdown in which brackets and stars stay what they are."""
    return re.sub(r"([\[\]*<])", r"\\\1", text)
