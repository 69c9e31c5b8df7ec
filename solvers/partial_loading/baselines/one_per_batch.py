"""One request per batch: the order of ``greedy-sharing`` without batching."""

from __future__ import annotations

from partload.solvers.partial_loading.constructive import greedy_sharing
from partload.solvers.partial_loading.constructive.greedy import Rule

METHOD = Rule(greedy_sharing.rank, one_per_batch=True)
run = METHOD.run
