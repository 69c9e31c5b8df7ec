"""Does sharing improve throughput? Tables of a gap study over the library and six sweeps.

    python -m partload.benchmarks.sharing [--rows out/sharing.jsonl] [--report DIR] [--workers 2]

The study solves every instance exactly, with sharing and without, where each model has private copies of its blocks,
and with the heuristics. A study that was killed goes on when it is started again. For each sweep and value, a table has
the gain by sharing where both optima are proved, and the share of the time that loading takes. The last table has the
gaps of the methods.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from partload.benchmarks.gap.cases import Case, cases
from partload.benchmarks.gap.rows import Row
from partload.benchmarks.gap.table import Gaps, lines, summary
from partload.benchmarks.sweep_study import Factors, study, sweep_cases, table_line
from partload.benchmarks.versions import versions
from partload.instances import library
from partload.instances.variations import Sweep
from partload.solvers.selection import EXACT

METHODS = (
    "exact@20",
    "local-search@1",
    "greedy-rate",
    "greedy-sharing",
    "earliest-deadline",
    "first-come",
    "one-per-batch",
    "full-loading",
)
BASES = tuple(f"{family}:models=6,requests=24,seed=0:1:2" for family in ("architectures", "lora", "general"))
"""About half of the requests can be served at 20 MHz. Sizes, loads and batches are those of the profiles."""
CROWDS = tuple(base.replace("requests=24", "requests=36") for base in BASES)
CACHED = tuple(base.replace("6,requests=24", "5,requests=16") + ",residency=cached" for base in BASES)
"""Instances of the memory sweep: with residency ``previous``, memory limits only batches. They are smaller, since
``cached`` is harder to solve."""
SWEEPS: tuple[tuple[tuple[str, ...], Sweep], ...] = (
    (BASES, Sweep("bandwidth", (2.5e6, 5e6, 10e6, 20e6, 40e6, 80e6))),
    (BASES, Sweep("deadline", (0.5, 0.75, 1.0, 1.5, 2.0, 3.0))),
    (CROWDS, Sweep("requests", (6, 12, 18, 24, 30, 36))),
    (CACHED, Sweep("memory", (1.0, 1.25, 1.5, 2.0, 3.0))),
    (BASES, Sweep("shared", (0.0, 0.2, 0.4, 0.6, 0.8, 1.0))),
    (BASES, Sweep("batch-time", (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0))),
)
"""Instances, and the sweep over them. Deadlines are multiples of the instance's latest deadline."""
HEADER = (
    "value",
    "both proved",
    "served with sharing",
    "without",
    "gain in all",
    "most",
    "none in",
    "loading with",
    "without",
)


LOADING = (0.0, 0.3, 0.4, 0.5, 0.6, 0.8, 1.01)
"""Limits of the classes of loading shares."""


@dataclasses.dataclass(frozen=True)
class Pair:
    """The optimum of an instance with sharing and without, both proved."""

    parameter: str
    value: float
    requests: int
    shared: Row
    private: Row

    @property
    def gain(self) -> float:
        """(with - without) / without; when nothing is served without, 1 if sharing serves anything, else 0."""
        with_it, without_it = self.shared.objective or 0.0, self.private.objective or 0.0
        return (with_it - without_it) / without_it if without_it else float(with_it > 0)


def main() -> int:
    """Run what is left of the study, write the report, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, default=Path("out/sharing.jsonl"))
    parser.add_argument("--report", type=Path, help="folder for the report")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    started = time.perf_counter()
    every, factors = everything()
    found = study(every, METHODS, no_sharing=METHODS[:1], workers=asked.workers, rows=asked.rows)
    if asked.report is not None:
        found.report(asked.report)
    compared = pairs(found.rows, factors)
    print_gains(compared)
    print_by_loading([pair for group in compared.values() for pair in group if pair is not None])
    print_methods(found.rows)
    print(f"\n{len(found.rows)} runs on {len(every)} instances, {time.perf_counter() - started:.0f} s")
    print(versions())
    return 0


def everything() -> tuple[list[Case], Factors]:
    """All cases, and the multiple for each deadline in seconds."""
    found = cases(library.names("partial_loading"))
    factors: Factors = {}
    for sources, sweep in SWEEPS:
        found += sweep_cases(sources, sweep, factors)
    return found, factors


def pairs(rows: Iterable[Row], factors: Factors) -> dict[tuple[str, float], list[Pair | None]]:
    """The pairs of each sweep and value; None for a pair without two proved optima."""
    exact: dict[str, dict[bool, Row]] = {}
    for row in rows:
        if row.asked.method == EXACT:
            exact.setdefault(row.asked.instance_sha256, {})[row.asked.sharing] = row
    found: dict[tuple[str, float], list[Pair | None]] = {}
    for both in exact.values():
        if len(both) < 2:  # The study was interrupted.
            continue
        shared, private = both[True], both[False]
        made = shared.asked.swept
        if made is None:
            parameter, value = "library", 0.0
        else:
            parameter = made.parameter
            value = factors.get((made.of, made.value), made.value)
        proved = shared.status == private.status == "optimal"
        pair = Pair(parameter, value, shared.requests, shared, private) if proved else None
        found.setdefault((parameter, value), []).append(pair)
    return found


def print_gains(found: dict[tuple[str, float], list[Pair | None]]) -> None:
    """Print a table for the library and for each sweep, with a row for each value."""
    for parameter in dict.fromkeys(parameter for parameter, _ in found):
        print(f"\n### {parameter}\n\n{table_line(HEADER)}\n|{'---|' * len(HEADER)}")
        for (of, value), group in sorted(found.items(), key=lambda item: item[0]):
            if of == parameter:
                print(table_line(("" if of == "library" else f"{value:g}", *gain_cells(group))))


def gain_cells(group: Sequence[Pair | None]) -> tuple[str, ...]:
    """Cells of a row, from the second column on."""
    proved = [pair for pair in group if pair is not None]
    count = f"{len(proved)} of {len(group)}"
    if not proved:
        return (count, *[""] * (len(HEADER) - 2))
    requests = sum(pair.requests for pair in proved)
    shared, private = (sum(of.served or 0 for of in side) for side in zip(*((p.shared, p.private) for p in proved)))
    gain = (shared - private) / private if private else 0.0
    return (
        count,
        f"{shared / requests:.1%}",
        f"{private / requests:.1%}",
        f"{gain:.1%}",
        f"{max(pair.gain for pair in proved):.0%}",
        str(sum(pair.gain <= 0 for pair in proved)),
        *(f"{statistics.fmean(map(loading, side)):.0%}" for side in zip(*((p.shared, p.private) for p in proved))),
    )


def print_by_loading(proved: Sequence[Pair]) -> None:
    """Print the gains by the share of the schedule without sharing in which the GPU loads."""
    print("\n### loading\n\n| loading without sharing | instances | mean gain | with some gain |\n" + "|---" * 4 + "|")
    for low, high in itertools.pairwise(LOADING):
        gains = [pair.gain for pair in proved if low <= loading(pair.private) < high]
        if gains:
            label = f"{low:.0%} to {min(high, 1.0):.0%}"
            print(
                table_line(
                    (label, str(len(gains)), f"{statistics.fmean(gains):.1%}", str(sum(gain > 0 for gain in gains)))
                )
            )


def loading(row: Row) -> float:
    """Share of the plan's makespan in which the GPU loads."""
    return sum(bar.load_end_s - bar.start_s for bar in row.bars) / row.bars[-1].end_s if row.bars else 0.0


def print_methods(rows: Sequence[Row]) -> None:
    """Print the gaps of each method over the whole study."""
    print(
        "\n### methods\n\n| method | runs | at the optimum | mean gap | worst | mean of possible gap | mean time [s] |"
    )
    print("|" + "---|" * 7)
    for of in summary(lines(rows)):
        name = of.method if of.sharing else f"{of.method}, no sharing"
        cells = (str(of.runs), f"{of.at_optimum} of {of.to_optimum.count}", *_gaps(of.to_optimum))
        bounded = "" if of.to_bound.mean is None else f"{of.to_bound.mean:.1%} over {of.to_bound.count}"
        print(table_line((name, *cells, bounded, "" if of.mean_time_s is None else f"{of.mean_time_s:.3f}")))


def _gaps(gaps: Gaps) -> tuple[str, str]:
    return tuple("" if gap is None else f"{gap:.1%}" for gap in (gaps.mean, gaps.worst))  # type: ignore[return-value]


if __name__ == "__main__":
    sys.exit(main())
