"""Where an optimum lies, as far as a second opinion can say: the checker grants limits a tolerance, a relative 1e-9.

Within rounding of the edge of the tolerance no two computations need agree. So the oracle of either problem gives two
values. The lower one is what a plan serves that the checker accepts: all limits are stretched by just less than the
tolerance. The upper one is what no plan serves more than: all limits are stretched by three times the tolerance, which
leaves twice the tolerance for all rounding. They differ only where an end or a sum is that close to a limit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

ACCEPTED = 1 + 0.99e-9
"""Factor on limits that stays within the tolerance whatever rounding does."""
BEYOND = 1 + 3e-9
"""Factor on limits that leaves room for every plan that the checker accepts."""


class Bracket(NamedTuple):
    """The interval in which the optimum lies, hardly ever more than one number."""

    lower: float
    """Weight that ``plan`` serves."""
    upper: float
    """No plan that the checker accepts serves more."""
    plan: tuple[Any, ...]
    """The checker accepts it."""
