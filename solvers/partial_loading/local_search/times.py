"""All times of a plan, forwards and backwards: when each slot ends, and how long it could wait.

Forwards it is the clock. Backwards, let late_n be the latest end of slot n and sent_n the latest time at which the
uplink may have sent everything up to slot n, so that this and all later slots are in time. Slots and uplink only wait
for each other, so both bounds hold independently, and whether one more request or one more slot fits is seen at its
place alone:

    slotted     late_{n-1} = min(due_n, late_n) - inference_n - max(load_n, up_n)
    pipelined   late_{n-1} = min(due_n, late_n) - inference_n - load_n,
                sent_{n-1} = min(min(due_n, late_n) - inference_n, sent_n) - up_n
    static      late_{n-1} as pipelined; slot n is ready by L_n = min(due_n, late_n) - inference_n, and what its
                requests hold of the band for that has to fit beside the others
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
        The uplink's clock before each slot, and the latest that would do (pipelined).
    share
        Part of the band in use (static).
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
        self.load_s, self.before = loads(numbers, batches)
        self.sent_s = self.late_sent_s = [0.0]
        self.share = 0.0
        if numbers.uplink == "slotted":
            self._slotted(batches)
        else:
            self._from_start(numbers, batches)

    def _slotted(self, batches: Batches) -> None:
        end, start, ends, durations = 0.0, [0.0], [], []
        for batch, load in zip(batches, self.load_s):
            upload = batch.upload_s
            duration = (load if load > upload else upload) + batch.run_s
            end += duration
            durations.append(duration)
            ends.append(end)
            start.append(end)
        late = NEVER
        latest, limits = [NEVER], []
        for n in range(len(batches) - 1, -1, -1):
            due = batches[n].due_s
            limit = due if due < late else late
            late = limit - durations[n]
            limits.append(limit)
            latest.append(late)
        limits.reverse()
        latest.reverse()
        self.start_s, self.end_s, self.limit_s, self.late_s = start, ends, limits, latest
        self.feasible = late >= 0

    def _from_start(self, numbers: Numbers, batches: Batches) -> None:
        pipelined = numbers.uplink == "pipelined"
        end = sent = 0.0
        start, sents, ends = [0.0], [0.0], []
        for batch, load in zip(batches, self.load_s):
            end += load
            if pipelined:
                sent += batch.upload_s
                end = sent if sent > end else end
            end += batch.run_s
            ends.append(end)
            start.append(end)
            sents.append(sent)
        late = late_sent = NEVER
        latest, latest_sent, limits, share = [NEVER], [NEVER], [], 0.0
        for n in range(len(batches) - 1, -1, -1):
            batch = batches[n]
            limit = min(batch.due_s, late)
            ready = limit - batch.run_s
            late = ready - self.load_s[n]
            if pipelined:
                late_sent = min(ready, late_sent) - batch.upload_s
            else:
                share += held(numbers, batch.rows, batch.upload_s, ready)
            limits.append(limit)
            latest.append(late)
            latest_sent.append(late_sent)
        for column in (limits, latest, latest_sent):
            column.reverse()
        self.start_s, self.end_s, self.limit_s, self.late_s = start, ends, limits, latest
        self.sent_s, self.late_sent_s, self.share = sents, latest_sent, share
        self.feasible = late >= 0 and late_sent >= 0 and share <= ON_TIME


def held(numbers: Numbers, rows: tuple[int, ...], alone_s: float, ready_s: float) -> float:
    """Part of the band that a slot's requests hold with a static uplink, to be there by a time."""
    if numbers.uploads.additive:
        return alone_s / ready_s if ready_s > 0 else (NEVER if alone_s else 0.0)
    return sum([numbers.uploads.share(k, ready_s) for k in rows])


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
