"""Recreate: insert requests and whole visits where they gain the most weight per second, as long as any fits.

A request is tried in every slot of its model that is not full, and a model with waiting requests at every place where
it may be visited. ``Times`` shows at each place whether an insertion would be late. After an insertion, the times of
the plan are computed again. Random factors on the rates make repairs of the same ruin differ.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from random import Random
from typing import TypeVar

from partload.instances.partial_loading.plan import Plan
from partload.solvers.partial_loading.constructive.uploads import ON_TIME
from partload.solvers.partial_loading.local_search.data import Batches, Numbers
from partload.solvers.partial_loading.local_search.times import Times

NOISE = 0.2
"""Rates are multiplied by a factor from 1 - NOISE to 1 + NOISE."""
INSTANT_S = 1e-12
"""Added to durations before a division by them."""
NEVER = math.inf
MOST = 100
"""Most slots, models or visits that are tried at a time; of more, a random sample of this size."""
T = TypeVar("T")


class Draft:
    """A plan that is being changed, with its times, which are up to date whenever a method returns."""

    def __init__(self, numbers: Numbers, random: Random, batches: Batches) -> None:
        self.numbers, self.random = numbers, random
        self.batches = batches
        self.served = {k for batch in batches for k in batch.rows}
        self.times = Times(numbers, batches)
        self.bias = random.random()
        """Weight of a second of the GPU against one of the uplink, where uploads do not begin with their slot."""

    def copy(self) -> Draft:
        """A copy with a bias of its own."""
        other = object.__new__(Draft)
        other.numbers, other.random, other.times = self.numbers, self.random, self.times
        other.batches, other.served = list(self.batches), set(self.served)
        other.bias = self.random.random()
        return other

    @property
    def weight(self) -> float:
        """Weight served."""
        return math.fsum([batch.weight for batch in self.batches])

    def left(self) -> float:
        """Part of the time until the last deadline that is left: of the GPU, or the mean of GPU and uplink."""
        if not self.batches:
            return 0.0
        numbers, times = self.numbers, self.times
        gpu = 1 - times.end_s[-1] / numbers.horizon_s
        if numbers.begins_with_slot:
            return gpu
        uplink = 1 - (times.share if numbers.one_band else times.sent_s[-1] / numbers.horizon_s)
        return (gpu + uplink) / 2

    def plan(self) -> Plan:
        """The plan, for the clock and the checker."""
        return self.numbers.plan(self.batches, None if self.numbers.memory is None else self.times.before[1:])

    def put(self, batches: Batches) -> None:
        """Replace the slots; the new ones may be infeasible."""
        self.batches = batches
        self.served = {k for batch in batches for k in batch.rows}
        self.times = Times(self.numbers, batches)

    def cuts(self) -> list[int]:
        """Places between slots for a model that is not visited yet, or for any model with visits ``any``."""
        batches = self.batches
        if not self.numbers.once:
            return list(range(len(batches) + 1))
        inner = [n for n in range(1, len(batches)) if batches[n - 1].model != batches[n].model]
        return [0, *inner, len(batches)] if batches else [0]

    def waiting(self, model: int) -> list[int]:
        """Requests for a model that are not served, those with the most weight per second added first."""
        served = self.served
        return [k for k in self.numbers.asking[model] if k not in served]

    def fill(self) -> None:
        """Insert whatever fits: requests into slots and whole visits, in random order."""
        visits_first = self.random.random() < 0.5
        if visits_first:
            self._add_visits()
        self._add_requests()
        if not visits_first:
            self._add_visits()
            self._add_requests()

    def _factor(self) -> float:
        return 1 + NOISE * (2 * self.random.random() - 1)

    def _add_requests(self) -> None:
        """Insert requests into slots, the best rate first. Rates only fall, so the heap may hold old ones."""
        numbers, batches = self.numbers, self.batches
        heap = []
        for n in self._some(range(len(batches))):
            batch, times = batches[n], self.times
            model = batch.model
            if len(batch.rows) >= numbers.most[model] or times.end_s[n] + numbers.per_s[model] > times.limit_s[n]:
                continue
            for k in self.waiting(model):
                rate = self._rate(n, k)
                if rate:
                    factor = self._factor()
                    heap.append((-rate * factor, k, n, factor))
        heapq.heapify(heap)
        while heap:
            _, k, n, factor = heapq.heappop(heap)
            if k in self.served:
                continue
            rate = self._rate(n, k)
            if not rate:
                continue
            if heap and -rate * factor > heap[0][0]:
                heapq.heappush(heap, (-rate * factor, k, n, factor))
                continue
            before = batches[n]
            batches[n] = numbers.with_one(before, k)
            times = Times(numbers, batches)
            if times.feasible:
                self.times = times
                self.served.add(k)
            else:
                batches[n] = before

    def _rate(self, n: int, k: int) -> float:
        """Weight per second gained by inserting a request into a slot; 0 if that is infeasible."""
        numbers, times, batch = self.numbers, self.times, self.batches[n]
        model = batch.model
        if len(batch.rows) >= numbers.most[model]:
            return 0.0
        per = numbers.per_s[model]
        limit, due = times.limit_s[n], numbers.due_s[k]
        limit = due if due < limit else limit
        if times.end_s[n] + per > limit:
            return 0.0
        ready = times.start_s[n] + times.load_s[n]
        if numbers.one_band:
            window, longer = limit - batch.run_s - per, per
            if numbers.arrivals:
                arrival = numbers.arrival_s[k]
                ready, window = max(ready, arrival), window - arrival
                longer += max(0.0, arrival - (times.end_s[n] - batch.run_s))
            if ready + batch.run_s + per > limit:
                return 0.0
            share = numbers.uploads.share(k, window)
            if times.share + share > ON_TIME:
                return 0.0
            cost = self.bias * longer + (1 - self.bias) * share * numbers.horizon_s
            return numbers.weight[k] / (cost + INSTANT_S)
        upload = numbers.upload_with_s(batch, k)
        sent = times.sent_s[n]
        if numbers.arrivals:
            sent = max(sent, batch.arrival_s, numbers.arrival_s[k])
        sent += upload
        end = (ready if ready > sent else sent) + batch.run_s + per
        if end > limit or sent > times.late_sent_s[n + 1]:
            return 0.0
        cost = end - times.end_s[n]
        if not numbers.begins_with_slot:
            cost = self.bias * cost + (1 - self.bias) * (upload - batch.upload_s)
        return numbers.weight[k] / (cost + INSTANT_S)

    def _add_visits(self) -> None:
        """Insert slots of models with waiting requests, the best rate first, as long as any fits."""
        while True:
            waiting = {model: rows for model in self._some(self.numbers.wanted) if (rows := self.waiting(model))}
            best, chosen = 0.0, None
            visits = [visit for model in waiting for visit in self._possible_places(model)]
            for model, place in self._some(visits):
                rate, rows = self._visit(model, waiting[model], place)
                rate *= self._factor()
                if rate > best:
                    best, chosen = rate, (place, model, rows)
            if chosen is None or not self.insert(*chosen):
                return

    def insert(self, place: int, model: int, rows: list[int]) -> bool:
        """Insert a slot if the plan stays feasible; returns whether it did."""
        batches = [*self.batches[:place], self.numbers.batch(model, rows), *self.batches[place:]]
        times = Times(self.numbers, batches)
        if times.feasible:
            self.batches, self.times = batches, times
            self.served.update(rows)
        return times.feasible

    def places(self, model: int) -> list[int]:
        """Places for a slot of a model: with visits ``once``, within or beside its visit if there is one."""
        if self.numbers.once:
            own = [n for n, batch in enumerate(self.batches) if batch.model == model]
            if own:
                return list(range(own[0], own[-1] + 2))
        return self.cuts()

    def _possible_places(self, model: int) -> list[tuple[int, int]]:
        """The model with each place where a batch of one request would be in time if it loaded nothing.

        At other places nothing fits, since an insertion hardly ever makes the loads of other slots shorter.
        """
        late, start = self.times.late_s, self.times.start_s
        least = self.numbers.setup_s[model] + self.numbers.per_s[model]
        return [(model, place) for place in self.places(model) if late[place] - start[place] >= least]

    def _visit(self, model: int, waiting: list[int], place: int) -> tuple[float, list[int]]:
        """Weight per second, and the requests, of a new slot at a place; 0 if there is none in time.

        Uploads count as one after another: on power-limited channels that is too long, and more may come in later.
        """
        numbers, times = self.numbers, self.times
        before, start, run = times.before[place], times.start_s[place], numbers.setup_s[model]
        loaded, per = start + numbers.load_s(numbers.need[model] & ~before), numbers.per_s[model]
        latest, delay = self._follower(place, numbers.need[model] | (before if numbers.cached else 0))
        if loaded + run + per > latest:
            return 0.0, []
        one_band, spare, arrivals = numbers.one_band, ON_TIME - times.share, numbers.arrivals
        sent = begin = times.sent_s[place]
        late_sent = times.late_sent_s[place]
        rows: list[int] = []
        weight, due, end = 0.0, latest, start
        for k in waiting:
            uploaded, due_k, begin_k = sent + numbers.alone_s[k], min(due, numbers.due_s[k]), begin
            if arrivals and numbers.arrival_s[k] > begin:
                begin_k = numbers.arrival_s[k]
                uploaded += 0.0 if one_band else begin_k - begin
            reached = begin_k if one_band else uploaded
            ready = reached if reached > loaded else loaded
            if ready + run + per > due_k:
                continue
            # On one band, all are taken to hold their bandwidths from the last arrival on.
            if uploaded > (spare * (due_k - run - per - begin_k) if one_band else late_sent):
                continue
            run += per
            begin, sent, due, end = begin_k, uploaded, due_k, ready + run
            weight += numbers.weight[k]
            rows.append(k)
            if len(rows) == numbers.most[model]:
                break
        return weight / max(end - start + delay, INSTANT_S), rows

    def _follower(self, place: int, memory: int) -> tuple[float, float]:
        """Latest end of a new slot before the slot at a place, and the seconds by which that slot becomes longer."""
        numbers, times = self.numbers, self.times
        if place == len(self.batches):
            return NEVER, 0.0
        batch = self.batches[place]
        load, own = numbers.load_s(numbers.need[batch.model] & ~memory), times.load_s[place]
        if numbers.begins_with_slot:
            load, own = max(load, batch.upload_s), max(own, batch.upload_s)
        return times.limit_s[place] - batch.run_s - load, load - own

    def _some(self, among: Sequence[T]) -> Sequence[T]:
        """All of them, or a random sample of ``MOST``."""
        return among if len(among) <= MOST else self.random.sample(among, MOST)
