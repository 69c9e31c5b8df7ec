"""Numbers as messages state them."""

from __future__ import annotations


def exact(value: float) -> str:
    """The shortest text that reads back as the same double: ``0.9``, ``20000000``; two that differ are told apart."""
    return repr(float(value)).removesuffix(".0")
