"""One run of a peer, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import cast

from partload.benchmarks.peers.task import Answer, Task

WORKER = Path(__file__).with_name("worker.py")
GRACE_S = 30.0
"""Seconds past the time limit, warm-up and imports included, after which a process is killed."""


def run(python: Path, peer_file: Path, warm_up: Task, task: Task) -> Answer:
    """Let a peer solve a task.

    A process that is killed past its time limit, or that fails, gives an answer without a plan, whose status says so.
    """
    limit = task["time_limit"]
    with tempfile.TemporaryDirectory() as folder:
        answer, *given = (Path(folder) / name for name in ("answer.json", "warm-up.json", "task.json"))
        for file, content in zip(given, (warm_up, task)):
            file.write_text(json.dumps(content), encoding="utf-8")
        command = [python.absolute(), "-I", WORKER, peer_file, answer, *given]
        try:
            ended = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=limit + GRACE_S)
        except subprocess.TimeoutExpired:
            return _without_plan(f"killed {GRACE_S:g} s past the time limit", limit + GRACE_S)
        if ended.returncode != 0 or not answer.is_file():
            last = (ended.stderr.strip().splitlines() or [f"exit status {ended.returncode}"])[-1]
            return _without_plan(f"error: {last}", 0.0)
        return cast(Answer, json.loads(answer.read_text(encoding="utf-8")))


def _without_plan(status: str, seconds: float) -> Answer:
    return Answer(slots=[], bound=None, seconds=seconds, cpu_seconds=seconds, status=status)
