"""The measures that a page states below the picture of a PartialLoading solution."""

from __future__ import annotations

from partload import console
from partload.plots.page import Measure

CAPTION: tuple[Measure, ...] = (
    ("makespan", "makespan_s", console.seconds),
    ("median latency", "latency_p50_s", console.seconds),
    ("99th percentile", "latency_p99_s", console.seconds),
    ("Jain's index", "jain_index", console.three_digits),
    ("GPU used", "gpu_utilisation", console.percent),
    ("uplink used", "uplink_utilisation", console.percent),
    ("loaded", "loaded_bytes", console.megabytes),
    ("saved by sharing", "shared_bytes", console.megabytes),
)
