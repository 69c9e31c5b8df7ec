"""The measures that a page states below the picture of a SLIDE solution."""

from __future__ import annotations

from partload import console
from partload.plots.page import Measure

CAPTION: tuple[Measure, ...] = (
    ("makespan", "makespan_s", console.seconds),
    ("median latency", "latency_p50_s", console.seconds),
    ("99th percentile", "latency_p99_s", console.seconds),
    ("overlap saves", "overlap_saves_s", console.seconds),
    ("Jain's index", "jain_index", console.three_digits),
    ("band used", "bandwidth_used", console.percent),
    ("downloaded", "downloaded_bytes", console.megabytes),
    ("energy in joules", "energy_j", console.rounded),
)
