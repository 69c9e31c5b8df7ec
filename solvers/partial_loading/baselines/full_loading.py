"""Full loading: a scheduler that does not know of sharing and assumes that every slot loads its whole model.

Its order is that of ``greedy-sharing`` with an empty memory: the least to load first. The clock loads only what is
missing, so the plan ends no later than the scheduler assumes.
"""

from __future__ import annotations

from partload.solvers.partial_loading.constructive import greedy_sharing
from partload.solvers.partial_loading.constructive.greedy import Rule

METHOD = Rule(greedy_sharing.rank, full_loads=True)
run = METHOD.run
