"""Equal bandwidth: the order of ``greedy-sharing``, and the band of each slot split equally among its requests."""

from __future__ import annotations

from partload.solvers.partial_loading.constructive import greedy_sharing
from partload.solvers.partial_loading.constructive.greedy import Rule

METHOD = Rule(greedy_sharing.rank, equal_split=True)
run = METHOD.run
