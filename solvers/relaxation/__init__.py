"""The LP laboratory: tightenings and cuts of a formulation on and off, and what that does to its LP relaxation."""

from __future__ import annotations

from partload.solvers.relaxation.laboratory import formulations, relax, switches
from partload.solvers.relaxation.record import Fractional, Relaxation, Search, Switch

__all__ = ["Fractional", "Relaxation", "Search", "Switch", "formulations", "relax", "switches"]
