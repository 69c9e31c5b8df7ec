"""What goes wrong with input, said in one line: where, what, and what was expected."""

from __future__ import annotations

from collections.abc import Iterable


class InputError(Exception):
    """A file, an option or a call that cannot be used as it is.

    Everything a user can get wrong ends here, so that the command line can print one line and leave with status 2.

    Parameters
    ----------
    problem
        What is wrong and what was expected instead.
    path
        Place inside the document, such as ``requests[3].deadline_s``; empty for the document as a whole.
    source
        The file or option the document came from; empty where there is none.
    """

    def __init__(self, problem: str, path: str = "", source: str = "") -> None:
        self.problem = problem
        self.path = path
        self.source = source
        super().__init__(problem)

    def within(self, source: str) -> InputError:
        """The same error, with the file it was found in."""
        return InputError(self.problem, self.path, source)

    def __str__(self) -> str:
        source = self.source if self.source.isprintable() else repr(self.source)
        return ": ".join(part for part in (source, self.path, self.problem) if part)


def item_path(*steps: str | int) -> str:
    """Steps into a document as errors name them: ``item_path("requests", 3, "id")`` is ``requests[3].id``."""
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{_display(step)}" if path else _display(step)
    return path


def _display(key: str) -> str:
    """A key on one line and not longer than half of it, whatever a file calls it."""
    text = key if key.isprintable() else repr(key)
    return text if len(text) <= 40 else text[:37] + "..."


def expected_one_of(names: Iterable[str], got: str, *, also: str = "", hint: str | None = None) -> str:
    """What is said of a name that is not one of some.

    Parameters
    ----------
    names
        Those that would do.
    got
        The name.
    also
        What else would do, in words.
    hint
        What is known of the name; None for the nearest of the others.
    """
    import difflib  # 10 ms that only errors take.

    known = list(names)
    if hint is None:
        near = difflib.get_close_matches(got, known, n=1)
        hint = f", did you mean {near[0]!r}?" if near else ""
    return f"expected one of {', '.join(known)}{also}, got {got!r}{hint}"
