"""Runs one peer in this process: ``python worker.py PEER_FILE ANSWER_FILE WARM_UP_FILE TASK_FILE``.

The peer solves the small task of the warm-up first, so that no time of the other contains imports and first calls. This
file runs by its path, in an environment that has the peer and not partload. So it imports nothing but the standard
library.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path


def main(peer_file: str, answer_file: str, warm_up_file: str, task_file: str) -> None:
    """Let the peer solve both tasks, and write the answer to the second."""
    spec = importlib.util.spec_from_file_location("peer", peer_file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{peer_file}: expected a Python file")
    peer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(peer)
    warm_up, task = (json.loads(Path(file).read_text(encoding="utf-8")) for file in (warm_up_file, task_file))
    peer.solve(warm_up)
    Path(answer_file).write_text(json.dumps(peer.solve(task)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
