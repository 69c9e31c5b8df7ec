"""Who shares what with whom: the tables that ``partload scan`` prints, and the same as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partload import console

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from partload.instances.checkpoints.scan import Scan

MOST_COLUMNS = 10
"""Most models whose matrices are printed: more do not fit side by side."""
MOST_BLOCKS = 40
EMPTY = "(nothing)"
"""What is in memory before the first model."""


def show(scan: Scan) -> None:
    """Print the models, their blocks, what they share, and what each switch between two of them loads."""
    from partload.instances.checkpoints.sharing import shared_bytes, switch_bytes

    _show_models(scan)
    blocks = sorted(scan.blocks, key=lambda block: -block.size_bytes)
    rows = [
        (block.id, console.megabytes(block.size_bytes), str(len(block.tensors)), console.listed(block.models, 60))
        for block in blocks[:MOST_BLOCKS]
    ]
    hidden = len(blocks) - len(rows)
    console.table(("block", "size>", "tensors>", "models"), rows, "Blocks, the largest first")
    if hidden:
        print(f"and {hidden} smaller blocks")
    ids = [model.id for model in scan.models]
    if len(ids) > MOST_COLUMNS:
        print(f"the matrices of {len(ids)} models are too wide to print: see --picture and --json")
        return
    shared, switches = shared_bytes(scan), switch_bytes(scan)
    _show_matrix("Bytes that two models share; on the diagonal, the size", "model", ids, ids, shared)
    sizes = shared.diagonal()[None, :]
    _show_matrix("Bytes that a switch loads", "from, to", [EMPTY, *ids], ids, _stacked(sizes, switches))


def document(scan: Scan) -> dict[str, object]:
    """The same as a JSON document; the matrices in the order of the models."""
    from partload.instances.checkpoints.scan import CHECKPOINT
    from partload.instances.checkpoints.sharing import shared_bytes, switch_bytes

    return {
        "models": [
            {
                "id": model.id,
                "path": scan.provenance[CHECKPOINT + model.id],
                "base": model.base,
                "size_bytes": sum(block.size_bytes for block in scan.blocks_of[model.id]),
                "tensors": len(model.tensors),
                "blocks": [block.id for block in scan.blocks_of[model.id]],
            }
            for model in scan.models
        ],
        "blocks": [
            {
                "id": block.id,
                "size_bytes": block.size_bytes,
                "tensors": len(block.tensors),
                "models": list(block.models),
            }
            for block in scan.blocks
        ],
        "shared_bytes": shared_bytes(scan).tolist(),
        "switch_bytes": switch_bytes(scan).tolist(),
    }


def _show_models(scan: Scan) -> None:
    rows = []
    for model in scan.models:
        blocks = scan.blocks_of[model.id]
        size = sum(block.size_bytes for block in blocks)
        shared = sum(block.size_bytes for block in blocks if len(block.models) > 1)
        share = console.percent(shared / size) if size else console.percent(0.0)
        rows.append((model.id, str(len(model.tensors)), console.megabytes(size), console.megabytes(shared), share))
    console.table(("model", "tensors>", "size>", "shared>", "share>"), rows, "Models")
    once = sum(block.size_bytes for block in scan.blocks)
    total = sum(block.size_bytes * len(block.models) for block in scan.blocks)
    print(f"{console.megabytes(total)} in all, {console.megabytes(once)} when each block is kept once\n")


def _show_matrix(title: str, corner: str, rows: list[str], columns: list[str], values: NDArray[np.int64]) -> None:
    cells = ((name, *map(console.megabytes, line)) for name, line in zip(rows, values.tolist()))
    console.table((corner, *(f"{name}>" for name in columns)), cells, title)


def _stacked(first: NDArray[np.int64], rest: NDArray[np.int64]) -> NDArray[np.int64]:
    import numpy as np

    return np.vstack((first, rest))
