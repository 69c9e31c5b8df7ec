"""Cost of each uplink discipline: optima of the same instances with slotted, pipelined and static uplink.

    python -m partload.benchmarks.disciplines [--seeds 10] [--limit 60] [--workers 2]
        [--picture docs/studies/disciplines.svg]

Prints two Markdown tables: one with a row for each family and bandwidth, and one of two instances over many bandwidths,
which ``--picture`` draws. A loss is (pipelined - served) / pipelined. An instance without three proofs within the limit
is printed with its bounds and left out of the means. Exit status 1 when an optimum breaks the order slotted <=
pipelined, static <= pipelined (problems, fact 8: channels are flat).
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import NamedTuple, get_args

from rich.console import Console
from rich.progress import track

from partload import solvers
from partload.benchmarks.disciplines_picture import draw
from partload.benchmarks.versions import versions
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Instance, Uplink

UPLINKS: tuple[Uplink, ...] = get_args(Uplink)
COMPARED: tuple[Uplink, ...] = ("slotted", "static")
"""The uplinks that are compared with ``pipelined``."""
MODELS, REQUESTS = 5, 12
ROWS = (
    ("general", 20e6),
    ("general", 5e6),
    ("backbone", 10e6),
    ("nested", 5e6),
    ("lora", 5e6),
    ("architectures", 80e6),
    ("architectures", 20e6),
)
"""Family and bandwidth [Hz]. Loading takes longer than uploading in some rows, and less time in others."""
SWEPT = ("general", "architectures")
"""Families whose instance with seed 0 is solved over many bandwidths."""
BANDS_HZ = (1.25e6, 2.5e6, 5e6, 10e6, 20e6, 40e6, 80e6, 160e6)
EQUAL = 1e-9
"""Relative difference up to which two objectives count as equal."""
WORK = "loads, uploads, batches [s]"
HEADER = (
    "family",
    "band",
    "proved",
    WORK,
    *(f"{uplink} serves" for uplink in UPLINKS),
    *(heading for uplink in COMPARED for heading in (f"{uplink} loses", "at most", "nothing in")),
)


class Answer(NamedTuple):
    """Weight served by the best plan, and the upper bound."""

    served: float
    bound: float

    def __str__(self) -> str:
        return f"{self.served:g}" if self.proved else f"{self.served:g} of at most {self.bound:g}"

    @property
    def proved(self) -> bool:
        """Whether the plan is proved optimal."""
        return self.bound - self.served <= EQUAL * self.bound


class Case(NamedTuple):
    """An instance with its answers for each uplink."""

    instance: Instance
    answers: dict[Uplink, Answer]

    def __str__(self) -> str:
        served = ", ".join(f"{uplink} {answer}" for uplink, answer in self.answers.items())
        return f"{self.instance.name}, {megahertz(self.instance.server.bandwidth_hz)}: {served}"

    @property
    def proved(self) -> bool:
        """Whether all three optima are proved."""
        return all(answer.proved for answer in self.answers.values())

    def share(self, uplink: Uplink) -> float:
        """Share of the requests that is served."""
        return self.answers[uplink].served / len(self.instance.requests)

    def loss(self, uplink: Uplink) -> float:
        """(pipelined - served) / pipelined; 0 when the pipelined uplink serves nobody."""
        most = self.answers["pipelined"].served
        return 1 - self.answers[uplink].served / most if most else 0.0

    def work_s(self) -> tuple[float, float, float]:
        """Times [s] to load every block once, to upload every input, and to run each model on all its requests."""
        instance, server = self.instance, self.instance.server
        loads = sum(instance.block_sizes.values()) / server.load_rate_bytes_per_s
        uploads = float(instance.arrays.spectrum_load.sum()) / server.bandwidth_hz
        asked = Counter(request.model for request in instance.requests)
        models = (model for model in instance.models if model.id in asked)
        return (
            loads,
            uploads,
            sum(model.batch_setup_s + model.batch_per_request_s * asked[model.id] for model in models),
        )

    def out_of_order(self) -> bool:
        """Whether an uplink serves more than the bound of the pipelined uplink."""
        most = self.answers["pipelined"].bound * (1 + EQUAL)
        return any(self.answers[uplink].served > most for uplink in COMPARED)


def main() -> int:
    """Solve, print, draw, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10, help="instances per row")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds per instance and uplink")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--picture", type=Path, help="file for a picture of the second table, .svg or .png")
    asked = parser.parse_args()
    print(versions(), end="\n\n")
    drawn = {row: [small(*row, seed) for seed in range(asked.seeds)] for row in ROWS}
    swept = {family: over_bands(small(family)) for family in SWEPT}
    instances = [instance for group in (*drawn.values(), *swept.values()) for instance in group]
    with ProcessPoolExecutor(asked.workers) as pool:
        solved = cases(instances, asked.limit, pool)
        found = print_rows({row: islice(solved, len(group)) for row, group in drawn.items()})
        by_band = {family: list(islice(solved, len(group))) for family, group in swept.items()}
    print_bands(by_band)
    if asked.picture:
        draw(by_band, asked.picture)
    return verdict([*found, *(case for group in by_band.values() for case in group)])


def small(family: str, bandwidth_hz: float | None = None, seed: int = 0) -> Instance:
    """An instance of the study; its deadline depends on its bandwidth."""
    return generate(family, models=MODELS, requests=REQUESTS, bandwidth=bandwidth_hz, seed=seed)


def over_bands(instance: Instance) -> list[Instance]:
    """The instance at every bandwidth, with the same deadlines."""
    return [instance.replace(bandwidth_hz=band) for band in BANDS_HZ]


def cases(instances: list[Instance], limit: float, pool: ProcessPoolExecutor) -> Iterator[Case]:
    """Solve instances with every uplink, for at most ``limit`` seconds each, and yield the cases in order."""
    asked = [instance.replace(uplink=uplink) for instance in instances for uplink in UPLINKS]
    progress = Console(stderr=True, quiet=not sys.stderr.isatty())
    answers = pool.map(partial(solve, limit=limit), asked)
    found = iter(track(answers, "optima", len(asked), console=progress, transient=True))
    for instance in instances:
        yield Case(instance, {uplink: next(found) for uplink in UPLINKS})


def solve(instance: Instance, limit: float) -> Answer:
    """Solve an instance for at most ``limit`` seconds."""
    solution = solvers.solve(instance, time_limit=limit)
    if solution.objective is None or solution.bound is None:
        raise ValueError(f"{instance.name}: expected an exact method, which has an objective and a bound")
    return Answer(solution.objective, solution.bound)


def print_rows(rows: dict[tuple[str, float], Iterable[Case]]) -> list[Case]:
    """Print a row for each family and bandwidth when it is done, and one for all rows; return all cases."""
    print(_line(HEADER))
    print("|" + "---|" * len(HEADER))
    everything: list[Case] = []
    for (family, band), group in rows.items():
        found = list(group)
        print(_line((family, megahertz(band), *summary(found))), flush=True)
        everything += found
    print(_line(("all", "", *summary(everything))), end="\n\n", flush=True)
    more = {
        uplink: sum(case.loss(uplink) < case.loss(other) for case in everything if case.proved)
        for uplink, other in zip(COMPARED, reversed(COMPARED))
    }
    print(
        ", ".join(
            f"{uplink} serves more than {other} in {more[uplink]}"
            for uplink, other in zip(COMPARED, reversed(COMPARED))
        )
    )
    return everything


def summary(group: list[Case]) -> tuple[str, ...]:
    """Cells of one row, from the third column on."""
    proved = [case for case in group if case.proved]
    cells = [f"{len(proved)} of {len(group)}"]
    if not proved:
        return (*cells, *[""] * (len(HEADER) - 3))
    cells.append(work(proved))
    cells += [f"{mean(case.share(uplink) for case in proved):.1%}" for uplink in UPLINKS]
    for uplink in COMPARED:
        losses = [case.loss(uplink) for case in proved]
        cells += [f"{mean(losses):.1%}", f"{max(losses):.1%}", f"{losses.count(0.0)}"]
    return tuple(cells)


def work(group: list[Case]) -> str:
    """The cell of the times of the work, means over the cases."""
    return ", ".join(f"{mean(seconds):.2f}" for seconds in zip(*(case.work_s() for case in group)))


def print_bands(by_band: dict[str, list[Case]]) -> None:
    """Print the weight served over the bandwidths."""
    print("\n" + _line(("instance", "band", WORK, *UPLINKS)))
    print("|" + "---|" * (3 + len(UPLINKS)))
    for group in by_band.values():
        for case in group:
            band = megahertz(case.instance.server.bandwidth_hz)
            served = (str(case.answers[uplink]) for uplink in UPLINKS)
            print(_line((case.instance.name, band, work([case]), *served)))


def verdict(found: list[Case]) -> int:
    """Print the cases that are not proved or out of order; return the exit status."""
    wrong = [case for case in found if case.out_of_order()]
    for problem, group in (("not proved", [case for case in found if not case.proved]), ("out of order", wrong)):
        for case in group:
            print(f"\n{problem}: {case}")
    return 1 if wrong else 0


def megahertz(bandwidth_hz: float) -> str:
    """A bandwidth [Hz] as a text in MHz."""
    return f"{bandwidth_hz / 1e6:g} MHz"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
