"""What fits into GPU memory. The checker and every method ask here, so that no two of them add up differently.

A slot that keeps the blocks R and runs a batch of u requests of model i uses

    bytes(R) + act_i u  <=  M.

The left side is the exact sum of the doubles in the file, rounded once to the nearest double. It does not depend on the
order of the blocks, and it grows with the set of blocks and with u.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable
from fractions import Fraction

from partload.instances.partial_loading.instance import Instance, Model
from partload.instances.sums import total


def bytes_used(instance: Instance, resident: Iterable[str], model: Model, requests: int) -> float:
    """Memory [byte] that resident blocks and the activations of a batch take together, rounded once.

    Infinite beyond the largest double.
    """
    product = model.activation_bytes_per_request * requests
    if math.isinf(product):
        return math.inf
    # The product itself was rounded: its error is a double too, and belongs to the sum.
    error = float(Fraction(model.activation_bytes_per_request) * requests - Fraction(product))
    sizes = instance.block_sizes
    return total((*(sizes[block] for block in resident), product, error))


def fits(instance: Instance, resident: Iterable[str], model: Model, requests: int) -> bool:
    """Whether resident blocks and the activations of a batch fit into the server's memory."""
    memory = instance.server.memory_bytes
    return memory is None or bytes_used(instance, resident, model, requests) <= memory


def largest_batch(instance: Instance, model: Model, most: int) -> int:
    """Most requests, up to ``most``, that one batch of a model can have by its own limit and by memory.

    At least the model's own blocks are resident while it runs. 0 where these alone do not fit.
    """
    if model.max_batch is not None:
        most = min(most, model.max_batch)
    if fits(instance, model.blocks, model, most):
        return most
    return bisect.bisect(range(1, most), False, key=lambda u: not fits(instance, model.blocks, model, u)) if most else 0
