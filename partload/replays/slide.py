"""Runs of plans of SLIDE: layers over HTTP on this machine."""

from __future__ import annotations

from partload.benchmarks.machine import stream
from partload.instances.errors import InputError
from partload.instances.slide.instance import Instance
from partload.instances.slide.solution import Solution
from partload.replays import Options, Ran, Run


def prepare(instance: Instance, solution: Solution, options: Options) -> Run:
    """What runs a plan once.

    Raises
    ------
    InputError
        On an option of PartialLoading, or when the plan breaks a rule or cannot be streamed.
    """
    for name, given in (
        ("--checkpoints", bool(options.checkpoints)),
        ("--no-sharing", not options.sharing),
        ("--cache", options.cache != "warm"),
        ("--batch", options.batch is not None),
        ("--device", options.device != "cpu"),
    ):
        if given:
            raise InputError("expected a plan of PartialLoading beside it, this one is of SLIDE", source=name)
    stream.streams(instance, solution)
    return lambda: Ran(stream.replay(instance, solution), ())
