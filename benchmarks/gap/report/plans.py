"""The plans of a report's rows, as compact JSON for the script of the page, which draws them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from partload.benchmarks.gap.rows import Row

MOST_SLOTS = 400
"""Most slots of one plan."""
MOST_IN_ALL = 40_000
"""Most slots of all plans; a page with more of them draws fewer slots of each plan."""
MOST_USERS = 40
"""Most users of one SLIDE plan."""
MOST_LAYERS_IN_ALL = 120_000
"""Most layers of all SLIDE plans; a page with more of them draws fewer users of each plan."""
DIGITS = 6
"""Significant digits of times and sizes."""

Plan = list[object]
"""A plan as ``document`` describes it."""


def slot_limit(rows: Sequence[Row]) -> int:
    """How many slots of each plan the page draws."""
    most = MOST_SLOTS
    while sum(min(len(row.bars), most) for row in rows) > MOST_IN_ALL:
        most = most * 9 // 10
    return most


def user_limit(rows: Sequence[Row]) -> int:
    """How many users of each SLIDE plan the page draws."""
    most = MOST_USERS
    while sum(len(lane.download_end_s) for row in rows for lane in row.lanes[:most]) > MOST_LAYERS_IN_ALL:
        most -= 1
    return most


def document(rows: Sequence[Row]) -> str:
    """JSON for a script element: the names of models, and the plans by the number of their row.

    A plan of PartialLoading is ``[number of slots, slot, ...]`` with slots ``[model, number of requests, loaded bytes,
    start, end of load, start of uploads, end of uploads, ready, end]``. A plan of SLIDE is one of the ``lanes``,
    ``[number of users, user, ...]`` with users ``[name, model, download ends, inference ends]``, one end for each
    layer. Models are indices into the names. Times are in seconds.
    """
    most_slots, most_users = slot_limit(rows), user_limit(rows)
    models: dict[str, int] = {}
    plans: dict[int, Plan] = {}
    lanes: dict[int, Plan] = {}
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
        if row.bars and most_slots:
            slots = [
                [
                    models.setdefault(bar.model, len(models)),
                    bar.requests,
                    *map(_rounded, (bar.loaded_bytes, bar.start_s, bar.load_end_s)),
                    *map(_rounded, (bar.upload_start_s, bar.upload_end_s, bar.ready_s, bar.end_s)),
                ]
                for bar in row.bars[:most_slots]
            ]
            plans[number] = [row.slots or len(row.bars), *slots]
    content = {"models": list(models), "plans": plans, "lanes": lanes}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # A name must not end the script element. U+2028 and U+2029 need no escape, since the script parses the JSON.
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _rounded(number: float) -> float:
    short = float(f"{number:.{DIGITS}g}")
    return int(short) if short == int(short) else short
