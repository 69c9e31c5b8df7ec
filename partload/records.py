"""Types for code that takes an instance or a solution of either problem."""

from __future__ import annotations

from partload.instances.partial_loading.instance import Instance as PartialLoadingInstance
from partload.instances.partial_loading.solution import Solution as PartialLoadingSolution
from partload.instances.slide.instance import Instance as SlideInstance
from partload.instances.slide.solution import Solution as SlideSolution

Instance = PartialLoadingInstance | SlideInstance
Solution = PartialLoadingSolution | SlideSolution
