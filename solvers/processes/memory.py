"""Resident memory of processes, from ``/proc`` on Linux, otherwise from ``ps``."""

from __future__ import annotations

import contextlib
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from partload.instances.errors import InputError

MAPPED_BYTES = 2 * 10**9
MAPPED_BYTES_PER_CORE = 128 * 10**6
"""Address space beyond the limit of a task: libraries, stacks and arenas are mapped but hardly used."""
_PROC = Path("/proc")
_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = re.compile(rf"\s*(\d+(?:\.\d*)?(?:e\+?\d+)?)\s*({'|'.join(_UNITS)})?\s*", re.IGNORECASE)


def polling_interval_s(limited: bool) -> float:
    """Seconds between two calls of ``resident``; infinite where it is too expensive.

    Raises
    ------
    InputError
        When there is a limit and the system does not tell how much memory is used.
    """
    if _has_proc():
        return 0.02 if limited else 0.1
    if not limited:
        return math.inf
    if shutil.which("ps") is None:
        raise InputError("cannot be limited on this system", source="memory")
    return 0.5


def resident(process: int) -> int | None:
    """Bytes that a process and its descendants hold now; None where it is unknown."""
    if not _has_proc():
        return _resident_by_ps(process)
    family = [process]
    for each in family:  # The list grows during the loop.
        family += children(each)
    sizes = [size for each in family if (size := _pages(each, 1)) is not None]
    return sum(sizes) if sizes else None


def own_resident() -> int | None:
    """Bytes that this process holds now; None without ``/proc``."""
    return _pages(os.getpid(), 1)


def children(process: int) -> list[int]:
    """Ids of the child processes that have not been waited for; none without ``/proc``."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in (_PROC / str(process) / "task").iterdir():
            with contextlib.suppress(OSError):
                found += map(int, (thread / "children").read_text().split())
    return found


def _resident_by_ps(process: int) -> int | None:
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=False).stdout
    children_of: dict[int, list[int]] = {}
    kilobytes: dict[int, int] = {}
    for pid, parent, size in (map(int, line.split()) for line in listing.splitlines()):
        children_of.setdefault(parent, []).append(pid)
        kilobytes[pid] = size
    family = [process]
    for each in family:
        family += children_of.get(each, [])
    return 1024 * sum(kilobytes.get(each, 0) for each in family) or None


def _has_proc() -> bool:
    return (_PROC / "self" / "statm").exists()


def peak(process: int) -> int | None:
    """Peak resident bytes of a process since its start or ``reset_peak``; None where it is unknown."""
    with contextlib.suppress(OSError, ValueError):
        for line in (_PROC / str(process) / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None


def own_peak() -> int | None:
    """Peak resident bytes of this process since ``reset_peak``; since its start where the system is not Linux."""
    known = peak(os.getpid())
    if known is not None:
        return known
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def reset_peak() -> None:
    """Reset the peak of this process, where the system can."""
    with contextlib.suppress(OSError):
        (_PROC / "self" / "clear_refs").write_text("5")


def format_size(size_bytes: float) -> str:
    """A number of bytes with its unit, to three digits."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.3g} {unit}"
    return f"{size_bytes:g} B"


def parse_size(size: str | float, source: str = "memory") -> int:
    """The number of bytes of a size such as ``4GB``, ``500 MB`` or ``2GiB``, or of a plain number.

    Raises
    ------
    InputError
        When it is not a size.
    """
    found = _SIZE.fullmatch(str(size))
    number = float(found[1]) * _UNITS[(found[2] or "b").lower()] if found else 0.0
    if not 1 <= number < 2**63:
        raise InputError(f"expected a size such as 4GB or 500MB, got {str(size)!r}", source=source)
    return int(number)


@contextlib.contextmanager
def limit_address_space(memory_bytes: int | None) -> Iterator[None]:
    """Make one allocation far beyond the limit raise MemoryError, instead of exhausting the machine.

    The parent enforces the limit itself by resident size, since address space says little about use.
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


def _pages(process: int, column: int) -> int | None:
    """Bytes in a column of ``/proc/PID/statm``: 0 mapped, 1 resident."""
    try:
        pages = int((_PROC / str(process) / "statm").read_text().split()[column])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
