"""The rows of a comparison as text: each run, and what each peer's come to."""

from __future__ import annotations

import dataclasses
import json
import statistics
from collections.abc import Iterable, Sequence

from rich.table import Table

from partload.benchmarks.peers.comparison import Row
from partload.benchmarks.peers.environments import OWN, Peer

LEAST_MODELS = 12
"""Smaller instances are not in the means."""


def line(row: Row) -> str:
    """A row as a line of JSON."""
    return json.dumps(dataclasses.asdict(row))


def runs(rows: Iterable[Row]) -> Table:
    """Each run."""
    table = Table("models", "requests", "seed", "peer", "served", "bound", "seconds", "cpu", "ratio", "end")
    for row in rows:
        gap = "" if row.proved or row.gap is None else f" ({row.gap:.1%})"
        ratio = f"{row.ratio:.3g}" if row.ratio is not None else f"> {row.at_least:.3g}"
        table.add_row(
            *map(str, (row.models, row.requests, row.seed, row.peer, row.served, f"{row.bound}{gap}")),
            *(f"{row.seconds:.2f}", f"{row.cpu_seconds:.2f}", ratio, "; ".join(row.alarms) or row.status),
        )
    return table


def means(peers: Sequence[Peer], rows: Sequence[Row]) -> Table:
    """Geometric means of the ratios of each peer, over the instances that it proves and over all."""
    table = Table(
        "peer", "proved", "ratio, geometric mean of proved", "of the processor", "over all, at least", "wanted"
    )
    for peer in peers:
        own = [row for row in rows if row.peer == peer.name and row.models >= LEAST_MODELS]
        if peer == OWN or not own:
            continue
        proved = [row for row in own if row.ratio is not None]
        table.add_row(
            *(peer.name, f"{len(proved)} of {len(own)}", mean(row.ratio for row in own)),
            *(mean(row.cpu_ratio for row in own), mean(row.at_least for row in own)),
            "" if peer.wanted is None else f"{peer.wanted:g}",
        )
    return table


def mean(ratios: Iterable[float | None]) -> str:
    """The geometric mean of the ratios that there are."""
    known = [ratio for ratio in ratios if ratio is not None and ratio > 0]
    return f"{statistics.geometric_mean(known):.3g}" if known else "-"
