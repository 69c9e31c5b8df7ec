"""What a page says of a solution below its picture."""

from __future__ import annotations

from collections.abc import Callable

Caption = tuple[str, str, Callable[[float], str]]
"""Name of a measure, its key in ``metrics``, how it is written."""
