"""``fifo`` with a cache by least recent use: the blocks that were used longest ago leave memory first."""

from __future__ import annotations

from partload.solvers.partial_loading.policies import fifo
from partload.solvers.partial_loading.policies.policy import Policy

METHOD = Policy(fifo.order, eviction="least-recent")
run = METHOD.run
