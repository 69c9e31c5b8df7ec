"""How many bytes the models of a scan share, and how many each switch between two of them loads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partload.instances.checkpoints.scan import Scan


def shared_bytes(scan: Scan) -> NDArray[np.int64]:
    """Bytes that each two of the I models share, shape (I, I); on the diagonal stand their sizes."""
    index = {model.id: number for number, model in enumerate(scan.models)}
    holds = np.zeros((len(scan.models), len(scan.blocks)), dtype=np.int64)
    for number, block in enumerate(scan.blocks):
        holds[[index[model] for model in block.models], number] = 1
    sizes = np.array([block.size_bytes for block in scan.blocks], dtype=np.int64)
    return (holds * sizes) @ holds.T


def switch_bytes(scan: Scan) -> NDArray[np.int64]:
    """Bytes to load for model j after model i, shape (I, I): row i, column j; on the diagonal nothing."""
    shared = shared_bytes(scan)
    return np.diagonal(shared)[np.newaxis, :] - shared
