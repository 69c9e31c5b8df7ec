"""The plans of a report's rows, as the page's script draws them: JSON that is as short as it can be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from partload.benchmarks.gap.rows import Row

MOST_SLOTS = 400
"""Of one plan that are drawn."""
MOST_IN_ALL = 40_000
"""Slots in a page; where there are more, fewer of each plan are drawn."""
MOST_USERS = 40
"""Of one plan of SLIDE that are drawn."""
MOST_LAYERS_IN_ALL = 120_000
"""Layers in a page; where there are more, fewer users of each plan are drawn."""
DIGITS = 6
"""Of times and sizes."""


def kept(rows: Sequence[Row]) -> int:
    """How many slots of each plan are drawn, so that the page stays small."""
    most = MOST_SLOTS
    while sum(min(len(row.bars), most) for row in rows) > MOST_IN_ALL:
        most = most * 9 // 10
    return most


def users_kept(rows: Sequence[Row]) -> int:
    """How many users of each plan of SLIDE are drawn, so that the page stays small."""
    most = MOST_USERS
    while sum(len(lane.download_end_s) for row in rows for lane in row.lanes[:most]) > MOST_LAYERS_IN_ALL:
        most -= 1
    return most


def document(rows: Sequence[Row]) -> str:
    """JSON that stands inside a script element: the names of models, and the plans by the number of their row.

    A plan is ``[slots of it, slot, ...]``, a slot ``[model, requests, loaded bytes, start, end of load, start and end
    of uploads, ready, end]``, times in seconds. A plan of SLIDE is among the ``lanes``, ``[users of it, user, ...]``, a
    user ``[name, model, when each layer is here, when it is computed]``.
    """
    most, most_users = kept(rows), users_kept(rows)
    models: dict[str, int] = {}
    plans: dict[int, list[Any]] = {}
    lanes: dict[int, list[Any]] = {}
    for number, row in enumerate(rows, 1):
        if row.lanes and most_users:
            users = [
                [
                    lane.user,
                    models.setdefault(lane.model, len(models)),
                    list(map(_rounded, lane.download_end_s)),
                    list(map(_rounded, lane.compute_end_s)),
                ]
                for lane in row.lanes[:most_users]
            ]
            lanes[number] = [row.served or len(row.lanes), *users]
        if row.bars and most:
            slots = [
                [
                    models.setdefault(bar.model, len(models)),
                    bar.requests,
                    *map(_rounded, (bar.loaded_bytes, bar.start_s, bar.load_end_s)),
                    *map(_rounded, (bar.upload_start_s, bar.upload_end_s, bar.ready_s, bar.end_s)),
                ]
                for bar in row.bars[:most]
            ]
            plans[number] = [row.slots or len(row.bars), *slots]
    content = {"models": list(models), "plans": plans, "lanes": lanes}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # Nothing in a name may end the script element; U+2028 and U+2029 are fine in JSON that is parsed.
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _rounded(number: float) -> float:
    short = float(f"{number:.{DIGITS}g}")
    return int(short) if short == int(short) else short
