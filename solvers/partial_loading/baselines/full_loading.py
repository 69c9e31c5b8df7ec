"""Full loading: a scheduler that cannot share, and takes every slot to load its whole model.

Its order is that of ``greedy-sharing``, for which nothing ever is in memory: the least to load first. The clock loads
only what is missing and is kinder, so the plan ends no later than the scheduler takes it to.
"""

from __future__ import annotations

from partload.solvers.partial_loading.constructive import greedy_sharing
from partload.solvers.partial_loading.constructive.greedy import Rule

METHOD = Rule(greedy_sharing.rank, full_loads=True)
run = METHOD.run
