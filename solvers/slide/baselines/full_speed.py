"""Full speed only: devices run at their greatest speed, and whose energy budget does not allow that is not served."""

from __future__ import annotations

from functools import partial

import numpy as np

from partload.instances.slide.envelope import Envelope
from partload.instances.slide.instance import UserArrays
from partload.instances.slide.least import ON_TIME, Need, at_speed, best
from partload.solvers.slide.baselines.baseline import Baseline


def full_speed(envelope: Envelope, users: UserArrays) -> Need:
    """The rates at the greatest speed; infinite where the budget is smaller than that takes."""
    need = at_speed(envelope, users, users.max_flop_per_s)
    energy = users.energy_coefficient * envelope.work_flop * users.max_flop_per_s**2
    too_much = energy > users.energy_budget_j * ON_TIME
    return Need(need.flop_per_s, np.where(too_much, np.inf, need.rate_bps), need.floor_bps)


METHOD = Baseline(partial(best, rule=full_speed, shape=Envelope.of))
run = METHOD.run
