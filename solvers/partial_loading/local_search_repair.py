"""Repair: while somebody is late, or the band is not enough, let go of what takes the most time for its weight."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from random import Random

from solvers.partial_loading.local_search_numbers import Batches, Numbers
from solvers.partial_loading.local_search_times import Times

NOISE = 0.5
"""Weights per second are multiplied by a factor from 1 - NOISE to 1 + NOISE."""
LAST = 1e9
"""Factor of the weights of those who are to stay."""
INSTANT_S = 1e-12


def repaired(numbers: Numbers, random: Random, batches: Batches, keep: Collection[int]) -> Batches:
    """Slots that are in time, made from these by leaving out requests and whole slots; those to keep go last."""
    batches = list(batches)
    while True:
        times = Times(numbers, batches)
        if times.feasible:
            return batches
        _, n, k = min(
            (weight * (1 + NOISE * (2 * random.random() - 1)) / seconds, n, k)
            for weight, seconds, n, k in _candidates(numbers, batches, times, keep)
        )
        if k < 0:
            del batches[n]
        else:
            batches[n] = numbers.batch(batches[n].model, [row for row in batches[n].rows if row != k])


def _candidates(
    numbers: Numbers, batches: Batches, times: Times, keep: Collection[int]
) -> Iterator[tuple[float, float, int, int]]:
    """Weight, seconds saved, slot and request of what may go; request -1 stands for the whole slot.

    Of the seconds, no more count than the first one late is late by, and it is itself as good a cure as any.
    """
    late = next((n for n, batch in enumerate(batches) if times.end_s[n] > batch.due_s), None)
    excess = numbers.horizon_s if late is None else times.end_s[late] - batches[late].due_s
    last = len(batches) - 1 if late is None else late
    slotted = numbers.uplink == "slotted"
    for n in range(last + 1):
        batch = batches[n]
        per, load, upload = numbers.per_s[batch.model], times.load_s[n], batch.upload_s
        if len(batch.rows) > 1:
            hidden = load if slotted else 0.0
            for k in batch.rows:
                without = upload - numbers.alone_s[k]
                saved = per + (max(hidden, upload) - max(hidden, without))
                if n == late and numbers.due_s[k] < times.end_s[n]:
                    saved = max(saved, times.end_s[n] - numbers.due_s[k])
                weight = numbers.weight[k] * (LAST if k in keep else 1.0)
                yield weight, max(min(saved, excess), INSTANT_S), n, k
        saved = batch.run_s + (max(load, upload) if slotted else load + upload)
        if n + 1 < len(batches):
            follower = numbers.need[batches[n + 1].model] & ~times.before[n]
            saved += times.load_s[n + 1] - numbers.load_s(follower)
        kept = any(k in keep for k in batch.rows)
        yield batch.weight * (LAST if kept else 1.0), max(min(saved, excess), INSTANT_S), n, -1
