"""Ruin: changes of a plan that may leave it infeasible or serve fewer requests; repair and recreate follow.

A *unit* is what may be moved as a whole: a visit with visits ``once``, a slot with ``any``. Each move takes the slots
of a plan and gives others, with the requests that the repair is to spare; None when there is nothing to change.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from random import Random

from partload.solvers.partial_loading.local_search.data import Batch, Batches, Numbers
from partload.solvers.partial_loading.local_search.recreate import Draft

LONGEST = 6
"""Units in the longest segment that is removed or moved."""
PART, MOST_DROPPED = 0.3, 30
"""Largest part of the requests served, and most of them, that are dropped at once."""
NOBODY: frozenset[int] = frozenset()
Change = tuple[Batches, frozenset[int]]


def remove(draft: Draft, random: Random) -> Change | None:
    """Remove a segment."""
    segment = _segment(draft, random)
    if segment is None:
        return None
    first, last = segment
    return draft.batches[:first] + draft.batches[last:], NOBODY


def move(draft: Draft, random: Random) -> Change | None:
    """Move a segment elsewhere."""
    segment = _segment(draft, random)
    if segment is None:
        return None
    first, last = segment
    places = [cut for cut in draft.cuts() if cut < first or cut > last]
    if not places:
        return None
    place, batches = random.choice(places), draft.batches
    if place < first:
        return batches[:place] + batches[first:last] + batches[place:first] + batches[last:], NOBODY
    return batches[:first] + batches[last:place] + batches[first:last] + batches[place:], NOBODY


def swap(draft: Draft, random: Random) -> Change | None:
    """Two units change places."""
    cuts, batches = draft.cuts(), draft.batches
    if len(cuts) < 3:
        return None
    one, other = sorted(random.sample(range(len(cuts) - 1), 2))
    a, b, c, d = cuts[one], cuts[one + 1], cuts[other], cuts[other + 1]
    return batches[:a] + batches[c:d] + batches[b:c] + batches[a:b] + batches[d:], NOBODY


def insert(draft: Draft, random: Random) -> Change | None:
    """Insert a slot at a random place, whether it fits or not."""
    return _inserted(draft, random, random.choice(draft.cuts()))


def replace(draft: Draft, random: Random) -> Change | None:
    """Replace a unit by a slot of another model."""
    cuts = draft.cuts()
    if len(cuts) < 2:
        return None
    at = random.randrange(len(cuts) - 1)
    smaller = draft.copy()
    smaller.put(draft.batches[: cuts[at]] + draft.batches[cuts[at + 1] :])
    gone = {batch.model for batch in draft.batches[cuts[at] : cuts[at + 1]]}
    return _inserted(smaller, random, cuts[at], gone)


def exchange(draft: Draft, random: Random) -> Change | None:
    """Insert a waiting request into a slot of its model; from a full slot, remove another one."""
    numbers, batches = draft.numbers, list(draft.batches)
    places = [n for n, batch in enumerate(batches) if draft.waiting(batch.model)]
    if not places:
        return None
    n = random.choice(places)
    k = random.choice(draft.waiting(batches[n].model))
    rows = list(batches[n].rows)
    if len(rows) == numbers.most[batches[n].model]:
        rows.remove(random.choice(rows))
    batches[n] = numbers.batch(batches[n].model, [*rows, k])
    return batches, frozenset((k,))


def drop(draft: Draft, random: Random) -> Change | None:
    """Remove some requests."""
    rows = [k for batch in draft.batches for k in batch.rows]
    if not rows:
        return None
    count = random.randint(1, max(1, min(int(PART * len(rows)), MOST_DROPPED)))
    gone = set(random.sample(rows, count))
    return _without(draft.numbers, draft.batches, gone), NOBODY


def regroup(draft: Draft, random: Random) -> Change | None:
    """Move a request between two slots of a model, or merge the slots."""
    numbers, batches = draft.numbers, list(draft.batches)
    pairs = [(m, n) for m, one in enumerate(batches) for n, two in enumerate(batches) if one.model == two.model]
    pairs = [(m, n) for m, n in pairs if m != n and len(batches[n].rows) < numbers.most[batches[n].model]]
    if not pairs:
        return None
    giving, taking = random.choice(pairs)
    model, rows = batches[giving].model, list(batches[giving].rows)
    free = numbers.most[model] - len(batches[taking].rows)
    going = rows if len(rows) <= free and random.random() < 0.5 else [random.choice(rows)]
    batches[taking] = numbers.batch(model, [*batches[taking].rows, *going])
    left = [k for k in rows if k not in going]
    batches[giving : giving + 1] = [numbers.batch(model, left)] if left else []
    return batches, NOBODY


def split(draft: Draft, random: Random) -> Change | None:
    """Divide the requests of a run of slots of one model again, in the order of deadlines, uploads or arrivals.

    Largest uploads come first (fact 4). The slots are full ones, or there is one cut at random.
    """
    numbers, batches = draft.numbers, draft.batches
    if not batches:
        return None
    first = last = random.randrange(len(batches))
    model = batches[first].model
    while first and batches[first - 1].model == model:
        first -= 1
    while last < len(batches) and batches[last].model == model:
        last += 1
    rows, most = [k for batch in batches[first:last] for k in batch.rows], numbers.most[model]
    if len(rows) < 2:
        return None
    urgent = random.random() < 0.5
    rows.sort(key=lambda k: numbers.due_s[k] if urgent else -numbers.alone_s[k])
    if numbers.arrivals and random.random() < 0.5:
        rows.sort(key=lambda k: numbers.arrival_s[k])
    cuts = {*range(0, len(rows), most), len(rows)}
    if len(cuts) == 2 or random.random() < 0.5:
        cuts.add(random.randrange(1, len(rows)))
    dealt = [numbers.batch(model, rows[a:b]) for a, b in pairwise(sorted(cuts))]
    return batches[:first] + dealt + batches[last:], NOBODY


Move = Callable[[Draft, Random], Change | None]
MOVES: dict[str, Move] = {
    "remove": remove,
    "move": move,
    "swap": swap,
    "insert": insert,
    "replace": replace,
    "exchange": exchange,
    "drop": drop,
    "regroup": regroup,
    "split": split,
}

OFTEN = {"remove": 2, "move": 2, "swap": 2, "insert": 2, "replace": 2}
"""Relative frequency of moves that change which models are visited, or their order; that of the others is 1."""


def _segment(draft: Draft, random: Random) -> tuple[int, int] | None:
    """First slot of a random segment, and the one after its last."""
    cuts = draft.cuts()
    if len(cuts) < 2:
        return None
    first = random.randrange(len(cuts) - 1)
    last = min(first + random.randint(1, LONGEST), len(cuts) - 1)
    return cuts[first], cuts[last]


def _inserted(draft: Draft, random: Random, place: int, but: set[int] | None = None) -> Change | None:
    """Insert at a place a slot of a model with waiting requests, with some of them."""
    numbers, batches = draft.numbers, draft.batches
    present = {batch.model for batch in batches} if numbers.once else set()
    models = [model for model in numbers.wanted if model not in present and model not in (but or ())]
    rows: list[int] = []
    if models:
        model = random.choice(models)
        rows = draft.waiting(model)[: numbers.most[model]]
    if not rows:
        return None
    rows = rows[: random.randint(1, len(rows))]
    return [*batches[:place], numbers.batch(model, rows), *batches[place:]], frozenset(rows)


def _without(numbers: Numbers, batches: Batches, gone: set[int]) -> Batches:
    """The slots without some requests."""
    found: list[Batch] = []
    for batch in batches:
        left = [k for k in batch.rows if k not in gone]
        if len(left) == len(batch.rows):
            found.append(batch)
        elif left:
            found.append(numbers.batch(batch.model, left))
    return found
