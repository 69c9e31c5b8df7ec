"""A recursion model that has been built for an instance, and which of its points belong to a plan."""

from __future__ import annotations

import dataclasses

import numpy as np

from partload.formulations.slide.built import ProvisionModel
from partload.formulations.slide.recursion.data import RecursionData
from partload.instances.channels import rate
from partload.instances.slide import clock
from partload.instances.slide.plan import Plan, Served

NEVER = 1e3
"""Stands for every later arrival, in deadlines."""
NOTHING = 1e-12
"""Stands for no bandwidth, where the rate of a power-limited channel has a logarithm of its reciprocal."""


@dataclasses.dataclass(frozen=True)
class RecursionModel(ProvisionModel[RecursionData]):
    """The Pyomo model of an instance (``partload.formulations.registry.BuiltModel``)."""

    def place(self, plan: Plan) -> None:
        """Fix every variable at its value in a plan: bandwidths, rates, speeds and times are those of the clock.

        Raises
        ------
        InputError
            When the model has no variable for a user with the model of the plan.
        """
        super().place(plan)
        m, times = self.model, clock.run(self.data.instance, plan)
        served = {one.user: (n, one) for n, one in enumerate(plan)}
        for k in m.USERS:
            m.computed[k, 0].fix(0)
            if k not in served:
                self._place_unserved(k)
                continue
            number, one = served[k]
            self._place_band(one)
            self._place_times(one, times.download_end_s[number].tolist(), times.compute_end_s[number].tolist())

    def _place_unserved(self, k: str) -> None:
        """Nobody is sent anything, and nothing takes time."""
        m = self.model
        if k in m.RECEIVERS:
            m.share[k].fix(0)
            m.rate[k].fix(0)
        if k in m.LIMITED:
            m.held[k].fix(1)
        for layer in m.LAYERS_OF[k]:
            for variable in (m.arrived, m.computed, m.spent):
                variable[k, layer].fix(0)
            m.speed[k, layer].fix(1)

    def _place_band(self, one: Served) -> None:
        """The bandwidth of a user, and the rate that it gives."""
        m, data, k = self.model, self.data, one.user
        if k not in m.RECEIVERS:
            return
        share = one.bandwidth_hz / (data.unit_share[k] * data.instance.downlink.bandwidth_hz)
        m.share[k].fix(share)
        channel = data.instance.arrays.channel[np.array([data.instance.user_index[k]])]
        m.rate[k].fix(float(rate(channel, np.array([one.bandwidth_hz]))[0]) / data.unit_bps[k])
        if k in m.LIMITED:
            m.held[k].fix(max(share, NOTHING if m.sends[k, one.model] else 1.0))

    def _place_times(self, one: Served, arrives_s: list[float], ends_s: list[float]) -> None:
        """The layers of a user; those that only a deeper model has are empty."""
        m, data, k = self.model, self.data, one.user
        unit, fastest = data.deadline_s[k], data.user(k).max_flop_per_s
        free = 0.0
        for layer in m.LAYERS_OF[k]:
            place = min(layer, len(ends_s)) - 1
            speed = one.flop_per_s[place] if isinstance(one.flop_per_s, tuple) else one.flop_per_s
            part = speed / fastest / data.unit_speed[k, layer]
            spent = data.work[k, one.model, layer] / part
            arrived = 0.0 if k in data.unhurried else min(arrives_s[place] / unit, NEVER)
            free = max(free, arrived) + spent
            m.arrived[k, layer].fix(arrived)
            m.computed[k, layer].fix(free)
            m.spent[k, layer].fix(spent)
            m.speed[k, layer].fix(part)
