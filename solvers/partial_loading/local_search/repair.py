"""Repair: while a slot is late or the band is not enough, remove what takes the most time for its weight."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from random import Random

from partload.solvers.partial_loading.local_search.data import Batch, Batches, Numbers
from partload.solvers.partial_loading.local_search.times import Times

NOISE = 0.5
"""Weights per second are multiplied by a factor from 1 - NOISE to 1 + NOISE."""
LAST = 1e9
"""Factor on the weights of requests that are to stay."""
MOST_SLOTS = 40
"""Most slots that are compared at a time; of more, a random sample of this size."""
INSTANT_S = 1e-12


def repaired(numbers: Numbers, random: Random, batches: Batches, keep: Collection[int]) -> Batches:
    """Feasible slots, made from these by removing requests and whole slots; requests to keep are removed last."""
    batches = list(batches)
    while not (times := Times(numbers, batches)).feasible:
        late = next((n for n, batch in enumerate(batches) if times.end_s[n] > batch.due_s), None)
        excess = numbers.horizon_s if late is None else times.end_s[late] - batches[late].due_s
        heap = [
            (weight * (1 + NOISE * (2 * random.random() - 1)) / max(min(seconds, excess), INSTANT_S), seconds, n, k)
            for weight, seconds, n, k in _candidates(numbers, random, batches, times, late, keep)
        ]
        heapq.heapify(heap)
        gone: dict[int, set[int]] = {}
        while heap and excess > 0:
            _, seconds, n, k = heapq.heappop(heap)
            if k < 0 and gone:
                break  # The savings of whole slots have changed.
            gone.setdefault(n, set()).update(batches[n].rows if k < 0 else (k,))
            excess -= seconds if late is not None else excess
        for n in sorted(gone, reverse=True):
            left = [k for k in batches[n].rows if k not in gone[n]]
            batches[n : n + 1] = [numbers.batch(batches[n].model, left)] if left else []
    return batches


def _candidates(
    numbers: Numbers, random: Random, batches: Batches, times: Times, late: int | None, keep: Collection[int]
) -> Iterator[tuple[float, float, int, int]]:
    """Weight, seconds saved, slot and request of each possible removal; request -1 stands for the whole slot.

    Removing a request that makes the first late slot late saves at least the time by which its deadline is missed.
    """
    places = range(len(batches) if late is None else late + 1)
    beside_load = numbers.begins_with_slot
    for n in places if len(places) <= MOST_SLOTS else random.sample(places, MOST_SLOTS):
        batch = batches[n]
        per, load, upload = numbers.per_s[batch.model], times.load_s[n], batch.upload_s
        hidden = load if beside_load else 0.0
        wait, shorter_wait = _waits(numbers, batch, times.start_s[n] + load if numbers.one_band else times.sent_s[n])
        if len(batch.rows) > 1:
            for k in batch.rows:
                without = upload - numbers.alone_s[k]
                without += shorter_wait if numbers.arrival_s[k] == batch.arrival_s else wait
                saved = per + (max(hidden, upload + wait) - max(hidden, without))
                if n == late and numbers.due_s[k] < times.end_s[n]:
                    saved = max(saved, times.end_s[n] - numbers.due_s[k])
                weight = numbers.weight[k] * (LAST if k in keep else 1.0)
                yield weight, saved, n, k
        saved = batch.run_s + (load - hidden + max(hidden, upload + wait))
        if n + 1 < len(batches):
            follower = numbers.need[batches[n + 1].model] & ~times.before[n]
            saved += times.load_s[n + 1] - numbers.load_s(follower)
        kept = any(k in keep for k in batch.rows)
        yield batch.weight * (LAST if kept else 1.0), saved, n, -1


def _waits(numbers: Numbers, batch: Batch, begin_s: float) -> tuple[float, float]:
    """Seconds that a batch which could begin at a time waits for its last arrival, and for the one before that."""
    if batch.arrival_s <= begin_s:
        return 0.0, 0.0
    arrivals = sorted([numbers.arrival_s[k] for k in batch.rows])
    before_last = arrivals[-2] if len(arrivals) > 1 else begin_s
    return batch.arrival_s - begin_s, max(0.0, before_last - begin_s)
