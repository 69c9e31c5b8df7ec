"""How much memory processes use: resident size, as Linux tells it; None, or a peak alone, elsewhere."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from instances.errors import InputError

MAPPED_BYTES = 2 * 10**9
MAPPED_BYTES_PER_CORE = 128 * 10**6
"""Address space beyond the limit of a task, for libraries, stacks and arenas that are mapped and hardly used."""
_PROC = Path("/proc")
_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = re.compile(rf"\s*(\d+(?:\.\d*)?(?:e\+?\d+)?)\s*({'|'.join(_UNITS)})?\s*", re.IGNORECASE)


def resident(process: int) -> int | None:
    """Bytes that a process and all that it has started hold now; None where that cannot be known."""
    sizes = [size for each in _family(process) if (size := _pages(each, 1)) is not None]
    return sum(sizes) if sizes else None


def peak(process: int) -> int | None:
    """The most bytes that a process held, since its start or ``forget_peak``; None where that cannot be known."""
    with contextlib.suppress(OSError, ValueError):
        for line in (_PROC / str(process) / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None


def own_peak() -> int | None:
    """The most bytes that this process held; elsewhere than on Linux since its start."""
    known = peak(os.getpid())
    if known is not None:
        return known
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def forget_peak() -> None:
    """Let the peak of this process begin anew, where the system can."""
    with contextlib.suppress(OSError):
        (_PROC / "self" / "clear_refs").write_text("5")


def in_words(size_bytes: float) -> str:
    """A number of bytes with its unit, to three digits."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.3g} {unit}"
    return f"{size_bytes:g} B"


def in_bytes(size: str | float, source: str = "memory") -> int:
    """A size as people write it, ``4GB``, ``500 MB`` or ``2GiB``, or a number of bytes.

    Raises
    ------
    InputError
        When it is none.
    """
    found = _SIZE.fullmatch(str(size))
    number = float(found[1]) * _UNITS[(found[2] or "b").lower()] if found else 0.0
    if not 1 <= number < 2**63:
        raise InputError(f"expected a size such as 4GB or 500MB, got {str(size)!r}", source=source)
    return int(number)


@contextlib.contextmanager
def limited(memory_bytes: int | None) -> Iterator[None]:
    """A single allocation far beyond the limit raises MemoryError in here, instead of taking the machine down.

    The limit itself is watched by the parent, by resident size: address space says little about use.
    """
    mapped = _pages(os.getpid(), 0)
    if memory_bytes is None or mapped is None:
        yield
        return
    import resource

    before, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = mapped + memory_bytes + MAPPED_BYTES + MAPPED_BYTES_PER_CORE * (os.cpu_count() or 1)
    known = [limit for limit in (before, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([wanted, *known]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, hard))


def _family(process: int) -> list[int]:
    """A process and its descendants."""
    family = [process]
    for each in family:  # It grows on the way.
        with contextlib.suppress(OSError):
            for thread in (_PROC / str(each) / "task").iterdir():
                family += map(int, (thread / "children").read_text().split())
    return family


def _pages(process: int, column: int) -> int | None:
    """Bytes by a column of ``statm``: 0 mapped, 1 resident."""
    try:
        pages = int((_PROC / str(process) / "statm").read_text().split()[column])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
