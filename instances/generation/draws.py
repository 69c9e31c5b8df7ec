"""Random deadlines and weights of both problems.

All random numbers come from ``Generator.random`` and ``Generator.integers`` of numpy's PCG64, so that an instance is
the same on every machine.
"""

from __future__ import annotations

import dataclasses
import json

import numpy as np
from numpy.typing import NDArray

from partload.instances.generation.options import DEADLINE_SPREAD, Options

GREATEST_WEIGHT = 5
Floats = NDArray[np.float64]


def significant(value: float, digits: int = 6) -> float:
    """Value rounded to some significant digits, so that the last bit of a library function has no effect."""
    return float(f"{value:.{digits}g}")


def deadlines(options: Options, centre: float, count: int, rng: np.random.Generator) -> Floats:
    """Deadlines [s], shape (count,): all equal to the centre, or spread around it."""
    if options.deadlines == "common":
        return np.full(count, centre)
    spread = options.deadline_spread or DEADLINE_SPREAD
    drawn = centre * (1 - spread + 2 * spread * rng.random(count))
    if options.integer:
        return np.maximum(1.0, np.round(drawn))
    return np.array([significant(deadline) for deadline in drawn.tolist()])


def weights(options: Options, count: int, rng: np.random.Generator) -> Floats:
    """Weights, shape (count,): all 1, or random whole numbers."""
    drawn = rng.integers(1, GREATEST_WEIGHT, count, endpoint=True).astype(float)
    return np.ones(count) if options.weights == "equal" else drawn


def origin(generator: str, options: Options) -> dict[str, str]:
    """Provenance of a generated instance: the generator and the options that reproduce it."""
    record = {field.name: getattr(options, field.name) for field in dataclasses.fields(options)}
    return {"generator": generator, "options": json.dumps(record), "random_numbers": "numpy PCG64"}
