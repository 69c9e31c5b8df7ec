"""The records of SLIDE: instances, plans and solutions of the second problem.

    from partload import slide
    plan = [slide.Served("user-1", "small", bandwidth_hz=2e6, flop_per_s=1e12)]

Reading, solving, checking and writing are the same functions for both problems, in ``partload`` itself.
"""

from __future__ import annotations

from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User
from partload.instances.slide.plan import Plan, Served
from partload.instances.slide.solution import Solution

__all__ = ["Downlink", "Instance", "Layer", "Model", "Plan", "Served", "Solution", "User"]
