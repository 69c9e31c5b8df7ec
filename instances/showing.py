"""What the rooms below ask of the front door: a record as HTML, and a display of progress.

Notebooks look for ``_repr_html_`` on a record, and ``solve`` and ``gap`` may be asked to show how far they are. Neither
knows how things look. ``partload`` registers its front door here when it is imported, which imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from weakref import WeakValueDictionary

TYPE_CHECKING = False
"""As ``typing.TYPE_CHECKING``, without the time that the import of ``typing`` takes."""
if TYPE_CHECKING:
    from typing import Literal, Protocol, TypeVar

    from partload.instances.records import AnyInstance

    StateT = TypeVar("StateT")
    Kind = Literal["search", "study"]
    Listener = Callable[[StateT], None]

    class FrontDoor(Protocol):
        """What is registered: functions that import what they need when they are called."""

        def html(self, record: object) -> str:
            """A record as HTML, small however large the record is."""

        def progress(self, kind: Kind) -> AbstractContextManager[Listener[object] | None]:
            """What shows the states of a search or a study, in a terminal or a notebook; None without either."""


_doors: list[FrontDoor] = []
_instances: WeakValueDictionary[str, AnyInstance] = WeakValueDictionary()


class Shown:
    """A record that notebooks show as HTML."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        """HTML for a notebook; None, for which notebooks take the text, where no front door is registered."""
        return _doors[-1].html(self) if _doors else None


def register(door: FrontDoor) -> None:
    """Let a front door show records and progress from now on."""
    _doors.append(door)


def remember(sha256: str, instance: AnyInstance) -> None:
    """Note an instance by its hash for as long as somebody else holds it."""
    _instances[sha256] = instance


def remembered(sha256: str) -> AnyInstance | None:
    """The instance of that hash, if it is still there: the picture of its solution has deadlines then."""
    return _instances.get(sha256)


@contextmanager
def shown_progress(wish: Listener[StateT] | bool | None, kind: Kind) -> Iterator[Listener[StateT] | None]:
    """What is called with states of progress, for as long as the context lasts.

    Parameters
    ----------
    wish
        A function that takes a state; True for a display; False or None for nothing.
    kind
        What the states are of.

    Raises
    ------
    InputError
        When it is anything else.
    """
    from partload.instances.errors import InputError

    if wish is None or wish is False:
        yield None
    elif wish is True:
        if not _doors:
            yield None
            return
        with _doors[-1].progress(kind) as listener:
            yield listener
    elif callable(wish):
        yield wish
    else:
        problem = (
            f"expected True, or a function that takes a state of progress, got a value of type {type(wish).__name__}"
        )
        raise InputError(problem, source="progress")
