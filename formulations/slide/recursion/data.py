"""What the recursion formulation needs of an instance, in units in which its numbers are near 1.

Data extraction only: nothing here knows a variable, and nothing knows what the recursion comes to. Of each user, times
are in units of the deadline, speeds in units of the fastest that f_max and the budget allow, rates in units of one that
every plan needs: that which sends the smallest of the user's models within the deadline, if computing took no time.
Bandwidths are in units of the one that gives this rate.
"""

from __future__ import annotations

import dataclasses
import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from partload.formulations.slide.recursion import features
from partload.instances.channels import bandwidth_for_rate, rate
from partload.instances.slide.instance import Instance, User
from partload.instances.verdict import TOLERANCE
from partload.instances.weights import WeightUnit, weight_unit

Pair = tuple[str, str]
"""A user and a model."""
MARGIN = 1e-5
"""Relative safety of bounds that hold for every feasible plan; more than any slack of deadlines."""
SPARE = 1e-7
"""Part of the band that deadlines which are cut may cost, all together: a tenth of the slack of the band."""
QUICK = 1e-7
"""Part of the deadline in which a download may as well be taken to last so long: a tenth of the slack of deadlines.

Devices whose work takes all of their deadline leave no time to download, and with a band of any width rates would grow
without end. So rates, and bandwidths with them, are bounded by those that send everything within this time. A plan with
more is still a point of the model, with less bandwidth and layers that arrive by so much later, within the slack.
"""


@dataclasses.dataclass(frozen=True)
class RecursionData:
    """The data of one instance, restricted to the models with which some feasible plan can serve each user."""

    instance: Instance
    slack: float = TOLERANCE
    """Relative change of deadlines, energy budgets and the band."""

    @cached_property
    def computing_s(self) -> dict[str, float]:
        """Twice the time [s] that any model of a user computes at the fastest speed that f_max and the budget allow."""
        models, index = self.instance.models, self.instance.model_index
        found = {}
        for user in self.instance.users:
            found[user.id] = 0.0
            for work in (models[index[name]].work_flop for name in self.instance.allowed(user)):
                speed, budget = user.max_flop_per_s, user.energy_budget_j
                if budget is not None and user.energy_coefficient is not None and work > 0:
                    speed = min(speed, math.sqrt(budget / user.energy_coefficient) / math.sqrt(work))
                found[user.id] = max(found[user.id], 2 * work / speed if speed > 0 else math.inf)
        return found

    @cached_property
    def unhurried(self) -> frozenset[str]:
        """Users whose deadlines are as good as never, such as 1e18 s, a number that drowns every other.

        After the time that computing takes there is enough left for the download on a part ``SPARE`` of the band, which
        all users share. So all of them together hold less of the band than its slack: here they are sent nothing.
        """
        instance, count = self.instance, max(len(self.instance.users), 1)
        narrow = np.full(len(instance.users), instance.downlink.bandwidth_hz * SPARE / count)
        slow = rate(instance.arrays.channel, narrow).tolist()
        models, index = instance.models, instance.model_index
        found = set()
        for user, bps in zip(instance.users, slow):
            bits = max((8 * models[index[name]].size_bytes for name in instance.allowed(user)), default=0.0)
            last = self.computing_s[user.id] + (bits / bps if bps > 0 else math.inf if bits > 0 else 0.0)
            if last * (1 + MARGIN) < user.deadline_s:
                found.add(user.id)
        return frozenset(found)

    @cached_property
    def deadline_s(self) -> dict[str, float]:
        """The deadline of each user [s]; of those who are unhurried, the time that computing takes at most."""
        never = {k: self.computing_s[k] or 1.0 for k in self.unhurried}
        return {user.id: never.get(user.id, user.deadline_s) for user in self.instance.users}

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Users with the models that would be in time if sending or computing were all there is to do."""
        known = self.instance.models
        index = self.instance.model_index
        return tuple(
            (user.id, name)
            for user in self.instance.users
            for name in self.instance.allowed(user)
            if self._possible(user, known[index[name]].size_bytes, known[index[name]].work_flop)
        )

    def _possible(self, user: User, size_bytes: float, work_flop: float) -> bool:
        late = self.deadline_s[user.id] * (1 + MARGIN)
        sent_late = 8 * size_bytes > late * self.whole_band_bps[user.id] and user.id not in self.unhurried
        if sent_late or work_flop > late * user.max_flop_per_s:
            return False
        slowest = max(user.min_flop_per_s, work_flop / late)
        budget, coefficient = user.energy_budget_j, user.energy_coefficient
        return budget is None or (coefficient or 0.0) * work_flop * slowest**2 <= budget * (1 + MARGIN)

    @cached_property
    def whole_band_bps(self) -> dict[str, float]:
        """Rate of each user on the whole band."""
        channel = self.instance.arrays.channel
        rates = rate(channel, np.full(len(channel.flat), self.instance.downlink.bandwidth_hz * (1 + MARGIN)))
        return dict(zip(self.instance.user_index, rates.tolist()))

    @cached_property
    def models_of(self) -> dict[str, list[str]]:
        """The models of each user who has one."""
        found: dict[str, list[str]] = {}
        for k, i in self.pairs:
            found.setdefault(k, []).append(i)
        return found

    @cached_property
    def weight_unit(self) -> WeightUnit:
        """What the weights of these users are divided by."""
        return weight_unit([self.user(k).weight for k in self.models_of])

    @cached_property
    def weight(self) -> dict[str, float]:
        """omega_k of these users, in units."""
        return {k: self.weight_unit.of(self.user(k).weight) for k in self.models_of}

    @cached_property
    def depth(self) -> dict[str, int]:
        """Number of layers of the deepest of these models; shallower models have empty layers there."""
        models, index = self.instance.models, self.instance.model_index
        return {k: max(len(models[index[i]].layers) for i in names) for k, names in self.models_of.items()}

    def user(self, k: str) -> User:
        """The user of that id."""
        return self.instance.users[self.instance.user_index[k]]

    @cached_property
    def unit_bps(self) -> dict[str, float]:
        """The unit of the rate of users who may have to be sent bits."""
        units = {}
        for k, names in self.models_of.items():
            bits = [total for i in names if (total := float(self._bits(i)[-1])) > 0]
            if bits and k not in self.unhurried:
                units[k] = min(bits) / (self.deadline_s[k] * (1 + MARGIN))
        return units

    @cached_property
    def unit_share(self) -> dict[str, float]:
        """The unit of the bandwidth of these users, as a share of the band."""
        chosen = np.array([self.instance.user_index[k] for k in self.unit_bps], dtype=np.int64)
        rates = np.array(list(self.unit_bps.values()))
        needed = bandwidth_for_rate(self.instance.arrays.channel[chosen], rates)
        return dict(zip(self.unit_bps, (needed / self.instance.downlink.bandwidth_hz).tolist()))

    @cached_property
    def fastest(self) -> dict[str, float]:
        """The largest rate of these users that matters, in units: that of the whole band, or of ``QUICK`` downloads."""
        found = {}
        for k, unit in self.unit_bps.items():
            bits = max(float(self._bits(i)[-1]) for i in self.models_of[k])
            found[k] = min(self.whole_band_bps[k], bits / (QUICK * self.deadline_s[k])) / unit
        return found

    @cached_property
    def widest(self) -> dict[str, float]:
        """The bandwidth of that rate, in units, with slack; at most the whole band."""
        chosen = np.array([self.instance.user_index[k] for k in self.unit_bps], dtype=np.int64)
        rates = np.array([self.fastest[k] * unit for k, unit in self.unit_bps.items()])
        needed = bandwidth_for_rate(self.instance.arrays.channel[chosen], rates * (1 + MARGIN))
        shares = (needed / self.instance.downlink.bandwidth_hz).tolist()
        most = 1 + abs(self.slack)
        return {k: min(most, share) / self.unit_share[k] for k, share in zip(self.unit_bps, shares)}

    @cached_property
    def snr(self) -> dict[str, float]:
        """c_k over the unit of the bandwidth, of those of them on power-limited channels."""
        channel, index = self.instance.arrays.channel, self.instance.user_index
        band = self.instance.downlink.bandwidth_hz
        return {
            k: float(channel.quality[index[k]]) / (unit * band)
            for k, unit in self.unit_share.items()
            if not channel.flat[index[k]]
        }

    def _bits(self, model: str) -> NDArray[np.float64]:
        return self.instance.layers[self.instance.model_index[model]].bits

    @cached_property
    def download(self) -> dict[tuple[str, str, int], float]:
        """Time until layer l of model i is with user k at the unit of the rate."""
        found = {}
        for k, i in self.pairs:
            bits = [0.0] if k in self.unhurried else self._bits(i).tolist()
            unit = self.unit_bps.get(k, 1.0) * self.deadline_s[k]
            for layer in range(self.depth[k]):
                found[k, i, layer + 1] = bits[min(layer, len(bits) - 1)] / unit
        return found

    @cached_property
    def _work(self) -> dict[tuple[str, str, int], float]:
        """Time that layer l of model i takes on the device of user k at f_max."""
        found = {}
        for k, i in self.pairs:
            work = self.instance.layers[self.instance.model_index[i]].work_flop.tolist()
            unit = self.user(k).max_flop_per_s * self.deadline_s[k]
            for layer in range(self.depth[k]):
                found[k, i, layer + 1] = work[layer] / unit if layer < len(work) else 0.0
        return found

    @cached_property
    def _energy(self) -> dict[tuple[str, str, int], float]:
        """Energy that this layer takes at f_max, as a part of the budget; of users who have one."""
        found = {}
        for (k, i, layer), time in self._work.items():
            user = self.user(k)
            if user.energy_budget_j is not None and user.energy_coefficient is not None:
                joule = user.energy_coefficient * time * self.deadline_s[k] * user.max_flop_per_s**3
                found[k, i, layer] = joule / user.energy_budget_j
        return found

    @cached_property
    def unit_speed(self) -> dict[tuple[str, int], float]:
        """The unit of the speed at a layer, as a part of f_max: the most that f_max and the budget allow there.

        A device with one speed for all layers has one unit for all.
        """
        alike = features.frequency(self.instance).one_speed
        found = {}
        for k, names in self.models_of.items():
            layers = range(1, self.depth[k] + 1)
            whole = min(sum(self._energy.get((k, i, layer), 0.0) for layer in layers) for i in names)
            for layer in layers:
                least = whole if alike else min(self._energy.get((k, i, layer), 0.0) for i in names)
                found[k, layer] = min(math.sqrt((1 + MARGIN) / least) if least > 0 else 1.0, 1.0)
        return found

    @cached_property
    def work(self) -> dict[tuple[str, str, int], float]:
        """Time that layer l of model i takes on the device of user k at the unit of the speed."""
        return {at: time / self.unit_speed[at[0], at[2]] for at, time in self._work.items()}

    @cached_property
    def energy(self) -> dict[tuple[str, str, int], float]:
        """Energy that this layer takes at the unit of the speed, as a part of the budget; of users who have one."""
        return {at: part * self.unit_speed[at[0], at[2]] ** 2 for at, part in self._energy.items()}

    @cached_property
    def slowest(self) -> dict[tuple[str, int], float]:
        """A speed, in units, below which no layer of a user can be computed: f_min, or what fills the deadline."""
        alike = features.frequency(self.instance).one_speed
        found = {}
        for k, names in self.models_of.items():
            user = self.user(k)
            layers = range(1, self.depth[k] + 1)
            whole = min(sum(self.work[k, i, layer] for layer in layers) for i in names)
            for layer in layers:
                least = user.min_flop_per_s / user.max_flop_per_s / self.unit_speed[k, layer]
                needed = whole if alike else min(self.work[k, i, layer] for i in names)
                found[k, layer] = min(max(least, needed * (1 - MARGIN)), 1.0)
        return found
