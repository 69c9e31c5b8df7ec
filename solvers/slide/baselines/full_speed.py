"""Full speed: devices run at their greatest speed; a user whose energy budget does not allow it is not served."""

from __future__ import annotations

from functools import partial

import numpy as np

from partload.instances.slide.instance import UserArrays
from partload.instances.slide.least_bandwidth import LIMIT_FACTOR, choose_models
from partload.instances.slide.rate_envelope import RateEnvelope
from partload.instances.slide.requirement import Requirement, requirement_at_speed
from partload.solvers.slide.baselines.baseline import Baseline


def full_speed(envelope: RateEnvelope, users: UserArrays) -> Requirement:
    """The least rates at the greatest speed; infinite where this speed takes more energy than the budget."""
    found = requirement_at_speed(envelope, users, users.max_flop_per_s)
    energy = users.energy_coefficient * envelope.work_flop * users.max_flop_per_s**2
    too_much = energy > users.energy_budget_j * LIMIT_FACTOR
    return Requirement(found.flop_per_s, np.where(too_much, np.inf, found.rate_bps), found.floor_bps)


METHOD = Baseline(partial(choose_models, requirement=full_speed, profile=RateEnvelope.of))
run = METHOD.run
