"""The records of SLIDE: the classes of its instances, plans and solutions.

    from partload import slide
    plan = [slide.Served("user-1", "small", bandwidth_hz=2e6, flop_per_s=1e12)]

The functions ``partload.read``, ``solve``, ``check`` and ``write`` take the records of both problems.
"""

from __future__ import annotations

from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User
from partload.instances.slide.plan import Plan, Served
from partload.instances.slide.solution import Solution

__all__ = ["Downlink", "Instance", "Layer", "Model", "Plan", "Served", "Solution", "User"]
