"""What an instance has to have, beyond single features, so that each block is loaded once, in sight of the clock."""

from __future__ import annotations

from collections import Counter

from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.memory import fits

NEEDS = "memory for all blocks; no uploads, load latency or batch limits"


def refusals(instance: Instance) -> list[str]:
    """What an instance has that makes the order of models matter, or batches."""
    asked = Counter(request.model for request in instance.requests)
    models = [model for model in instance.models if asked[model.id]]
    every = frozenset(instance.server.resident_blocks).union(*(model.blocks for model in models))
    found = []
    if not all(fits(instance, every, model, asked[model.id]) for model in models):
        found.append("memory that does not hold all blocks and a batch")
    if any(request.input_bits > 0 for request in instance.requests):
        found.append("uploads, which may hide loads")
    if instance.server.load_latency_s > 0:
        found.append("load latency")
    if any(model.max_batch is not None and model.max_batch < asked[model.id] for model in models):
        found.append("batches that are limited")
    return found
