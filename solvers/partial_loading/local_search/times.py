"""All times of a plan, forwards and backwards: the end of each slot, and its latest end.

Forwards it is the clock. Backwards, let late_n be the latest end of slot n and late_sent_n the latest time at which the
uplink may have sent everything up to slot n, so that this and all later slots are in time. Both bounds hold
independently, so whether one more request or one more slot fits is seen at its place alone. The recursions are those of
the uplink discipline. Where all requests share one band, slot n is ready by min(due_n, late_n) - inference_n, and what
its requests hold of the band for that has to fit beside the others.
"""

from __future__ import annotations

import math

from partload.solvers.partial_loading.constructive.uploads import ON_TIME
from partload.solvers.partial_loading.local_search.data import Batch, Batches, Numbers

NEVER = math.inf


class Times:
    """Times of N slots; ``start_s``, ``sent_s`` and the latest ones have N + 1 entries, before slots 0 to N.

    Attributes
    ----------
    load_s, end_s
        load_n and end_n.
    limit_s
        Latest end of each slot: its own deadlines, and those of the slots after it.
    start_s, late_s
        End of the slot before, and the latest that would do.
    sent_s, late_sent_s
        Time from which the uploads of each slot may run, and the latest that would do where ``late_s`` does not say so.
    share
        Part of the band in use, where all requests share one band; else 0.
    before
        Blocks in memory before each slot.
    feasible
        Whether all slots are in time and the band is enough.
    """

    __slots__ = (
        "before",
        "end_s",
        "feasible",
        "late_s",
        "late_sent_s",
        "limit_s",
        "load_s",
        "sent_s",
        "share",
        "start_s",
    )

    def __init__(self, numbers: Numbers, batches: Batches) -> None:
        discipline = numbers.discipline
        self.load_s, self.before = loads(numbers, batches)
        self.start_s, self.sent_s = discipline.forward(self.load_s, batches)
        self.limit_s, self.late_s, self.late_sent_s = discipline.backward(self.load_s, batches)
        self.end_s = self.start_s[1:]
        self.share = _share(numbers, batches, self.limit_s) if numbers.one_band else 0.0
        self.feasible = self.late_s[0] >= 0 and self.late_sent_s[0] >= 0 and self.share <= ON_TIME


def _share(numbers: Numbers, batches: Batches, limit_s: list[float]) -> float:
    """Part of the band that all requests hold at the same time, if each slot is ready as late as it can be."""
    share, one_by_one = 0.0, numbers.arrivals or not numbers.uploads.additive
    for batch, limit in zip(reversed(batches), reversed(limit_s)):
        ready = limit - batch.run_s
        if one_by_one:
            share += sum([numbers.uploads.share(k, ready - numbers.arrival_s[k]) for k in batch.rows])
        elif ready > 0:
            share += batch.upload_s / ready
        elif batch.upload_s:
            return NEVER
    return share


def loads(numbers: Numbers, batches: Batches) -> tuple[list[float], list[int]]:
    """load_n of each slot, and the blocks in memory before each slot and after the last."""
    need, load_s = numbers.need, numbers.load_s
    memory = numbers.resident
    load, before = [], [memory]
    for n, batch in enumerate(batches):
        needed = need[batch.model]
        load.append(load_s(needed & ~memory))
        if not numbers.cached:
            memory = needed
        elif numbers.memory is None:
            memory |= needed
        else:
            memory = kept(numbers, batches, n, memory)
        before.append(memory)
    return load, before


def kept(numbers: Numbers, batches: Batches, n: int, memory: int) -> int:
    """R_n with residency ``cached``: what is used next is kept first, as far as it fits (Belady's rule)."""
    batch, need = batches[n], numbers.need
    chosen = need[batch.model]
    everything = memory | chosen
    if numbers.fits(everything, batch):
        return everything
    others = everything & ~chosen
    for following in batches[n + 1 :]:
        useful = others & need[following.model]
        if not useful:
            continue
        others &= ~useful
        chosen = chosen | useful if numbers.fits(chosen | useful, batch) else _as_fits(numbers, chosen, useful, batch)
        if not others:
            break
    return chosen


def _as_fits(numbers: Numbers, chosen: int, useful: int, batch: Batch) -> int:
    """Of blocks that are used at the same time, the largest first, as far as they fit."""
    bits = []
    while useful:
        lowest = useful & -useful
        bits.append(lowest)
        useful ^= lowest
    for bit in sorted(bits, key=numbers.bytes, reverse=True):
        if numbers.fits(chosen | bit, batch):
            chosen |= bit
    return chosen
