"""What a slot runs as its batch: a function of the user's."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import cast

from partload.instances.errors import InputError

Batch = Callable[[str, int, Mapping[str, object]], object]
"""From a model id, a number of requests and the blocks in memory by id: arrays of bytes, on a GPU tensors of bytes."""


def named(text: str) -> Batch:
    """The function that ``module:function`` names, found as heuristics of the user's own are.

    Raises
    ------
    InputError
        When there is none.
    """
    if not all(text.partition(":")):
        raise InputError(f"expected module:function, got {text!r}", source="--batch")
    from partload.solvers.user_heuristic import work

    try:
        return cast(Batch, work.named(text))
    except work.HeuristicError as error:
        raise error.within("--batch") from None


def run(batch: Batch, model: str, requests: int, blocks: Mapping[str, object]) -> None:
    """Run one batch; raises InputError when it fails, with the place in its code.

    What it prints goes to standard error, because standard output may be JSON.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            returned = batch(model, requests, blocks)
    except (Exception, SystemExit) as error:
        failure = importlib.import_module("partload.solvers.processes.result").failure_of(error)
        raise InputError(f"the batch of {requests} for model {model!r} {failure}", source="--batch") from error
    if inspect.isgenerator(returned) or inspect.iscoroutine(returned):
        returned.close()
        raise InputError(
            "expected a function that runs a batch, it returns a generator or a coroutine", source="--batch"
        )
