"""Does computing while downloading improve throughput? Tables of a gap study of SLIDE over six sweeps.

    python -m partload.benchmarks.overlap [--rows out/overlap.jsonl] [--report DIR] [--figures DIR] [--workers 2]
    [--small]

The study solves instances with published and with random networks, exactly and with the baselines. The first baseline
is the conventional scheme, which downloads a model and then runs it. A study that was killed goes on when it is started
again. For each sweep and value, a table has the share of the users that each method serves, and three explanations:

- in reach: share of the users who can meet their deadline with as much bandwidth as they need;
- work: the median, over the users whom the conventional scheme can serve, of the share of the deadline that the work
  takes at the device's one speed f*;
- band saved: the median, over the same users, of 1 - (least bandwidth) / (least bandwidth of the conventional scheme).
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from partload.benchmarks.gap.cases import Case
from partload.benchmarks.gap.report import comparison, sweeps
from partload.benchmarks.gap.report.style import group_lines, render_svg
from partload.benchmarks.gap.rows import Row
from partload.benchmarks.gap.table import Line, contradictions, lines
from partload.benchmarks.sweep_study import Factors, study, sweep_cases, table_line
from partload.benchmarks.versions import versions
from partload.instances.errors import InputError
from partload.instances.serialisation import sha256
from partload.instances.slide.frequency import least_bandwidths
from partload.instances.slide.generators import generate
from partload.instances.slide.instance import Frequency, Instance
from partload.instances.variations import Sweep
from partload.solvers.selection import EXACT
from partload.solvers.slide.baselines import download_first

Floats = NDArray[np.float64]

FIRST = "download-first"
METHODS = (EXACT, FIRST, "equal-bandwidth", "full-speed", "smallest-model", "random")
FAMILIES = ("architectures", "synthetic")
SEEDS = range(10)
USERS, CROWD = 40, 80
ENERGY = 1.0
"""Energy budgets, as multiples of the energy of the model with the least work at a speed between half of the greatest
speed and the greatest."""
HEADER = ("users of", "value", *METHODS, "gain", "brings nothing in", "in reach", "work", "band saved")


@dataclasses.dataclass(frozen=True)
class Part:
    """A sweep over instances of one kind."""

    sweep: Sweep
    users: int = USERS
    energy: float | None = None
    frequencies: tuple[Frequency, ...] = ("per-device",)


PARTS = (
    Part(Sweep("bandwidth", (12.5e6, 25e6, 50e6, 100e6, 200e6, 400e6, 800e6, 1600e6))),
    Part(Sweep("deadline", (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0))),
    Part(Sweep("users", (5, 10, 20, 40, 80)), users=CROWD),
    Part(Sweep("device-speed", (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0))),
    Part(
        Sweep("energy-budget", (0.125, 0.25, 0.5, 1.0, 2.0, 4.0)),
        energy=ENERGY,
        frequencies=("per-device", "per-layer"),
    ),
    Part(Sweep("parts", (1, 2, 4, 8, 16, 64))),
    Part(Sweep("parts", (1, 2, 4, 8, 16, 64)), energy=ENERGY, frequencies=("per-layer",)),
)
"""The sweeps. Deadlines are multiples of the instance's latest deadline. No model has more than 64 layers."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """The cases of the study."""

    cases: list[Case]
    kinds: dict[str, str]
    """The kind of an instance in the tables, by the name of the instance before it was varied."""
    factors: Factors


def main() -> int:
    """Run what is left of the study, write report and figures, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, default=Path("out/overlap.jsonl"))
    parser.add_argument("--report", type=Path, help="folder for the report")
    parser.add_argument("--figures", type=Path, help="folder for a figure of each sweep")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--small", action="store_true", help="one seed, a few users")
    asked = parser.parse_args()
    if asked.small and asked.figures is not None:
        parser.error("argument --figures: expected without --small, which has one instance of each kind")
    started = time.perf_counter()
    plan = planned(range(1), 0.25) if asked.small else planned()
    found = study(plan.cases, METHODS, rows=asked.rows, workers=asked.workers, seed=0)
    if asked.report is not None:
        found.report(asked.report)
    rows = relative(found.rows, plan.factors)
    if asked.figures is not None:
        write_figures(rows, plan.kinds, asked.figures)
    instances = (case.instance for case in plan.cases)
    by_hash = {sha256(instance): instance for instance in instances if isinstance(instance, Instance)}
    print_tables(rows, plan.kinds, by_hash)
    for wrong in contradictions(found.rows):
        print(f"\nCONTRADICTION  {wrong}")
    print(f"\n{len(found.rows)} runs on {len(plan.cases)} instances, {time.perf_counter() - started:.0f} s")
    print(versions())
    return 0


def planned(seeds: Sequence[int] = SEEDS, scale: float = 1.0) -> Plan:
    """All cases; ``scale`` is a factor on the numbers of users."""
    plan = Plan([], {}, {})
    for part in PARTS:
        for family in FAMILIES:
            for frequency in part.frequencies:
                kind = family if part.energy is None else f"{family}, {frequency}"
                bases = [_base(part, family, frequency, seed, round(part.users * scale)) for seed in seeds]
                for base in bases:
                    plan.kinds[base.name] = kind
                most = len(bases[0].users)
                values = tuple(value for value in part.sweep.values if part.sweep.parameter != "users" or value <= most)
                plan.cases.extend(sweep_cases(bases, Sweep(part.sweep.parameter, values), plan.factors))
    return plan


def _base(part: Part, family: str, frequency: Frequency, seed: int, users: int) -> Instance:
    energy = {} if part.energy is None else {"energy": part.energy}
    made = generate(f"slide-{family}", users=users, seed=seed, **energy)
    name = made.name if part.energy is None else f"{made.name} {frequency}"
    return made.replace(name=name, frequency=frequency)


def relative(rows: Iterable[Row], factors: Factors) -> list[Row]:
    """The rows with deadlines as multiples of the instance's latest deadline, which compare across instances."""

    def one(row: Row) -> Row:
        made = row.asked.swept
        if made is None or (made.of, made.value) not in factors or made.parameter != "deadline":
            return row
        new = dataclasses.replace(made, parameter="deadline factor", value=factors[made.of, made.value])
        return dataclasses.replace(row, asked=dataclasses.replace(row.asked, swept=new))

    return [one(row) for row in rows]


def by_parameter(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each sweep."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.asked.swept is not None:
            found.setdefault(row.asked.swept.parameter, []).append(row)
    return found


def print_tables(rows: Iterable[Row], kinds: Mapping[str, str], instances: Mapping[str, Instance]) -> None:
    """Print a table for each sweep, with a row for each kind of instances and value."""
    for parameter, part in by_parameter(rows).items():
        print(f"\n### {parameter}\n\n{table_line(HEADER)}\n|{'---|' * len(HEADER)}")
        groups: dict[tuple[str, float], list[Row]] = {}
        for row in part:
            assert row.asked.swept is not None
            groups.setdefault((kinds[row.asked.swept.of], row.asked.swept.value), []).append(row)
        order = list(dict.fromkeys(kind for kind, _ in groups))
        for kind, value in sorted(groups, key=lambda group: (order.index(group[0]), group[1])):
            print(table_line((kind, _value(parameter, value), *cells(groups[kind, value], instances))))


def _value(parameter: str, value: float) -> str:
    return f"{value / 1e6:g} MHz" if parameter == "bandwidth" else f"{value:g}"


def cells(group: Sequence[Row], instances: Mapping[str, Instance]) -> tuple[str, ...]:
    """Cells of a row, from the third column on."""
    by_method = {name: [row for row in group if row.asked.method == name] for name in METHODS}
    shares = (_share(part) for part in by_method.values())
    served = {name: {row.asked.instance: row.served or 0 for row in by_method[name]} for name in (EXACT, FIRST)}
    nothing = sum(served[EXACT][name] <= first for name, first in served[FIRST].items())
    needs = [need(instances[row.asked.instance_sha256]) for row in by_method[EXACT]]
    return (
        *shares,
        gain(sum(served[EXACT].values()), sum(served[FIRST].values())),
        f"{nothing} of {len(served[FIRST])}",
        f"{sum(needed.in_reach for needed in needs) / sum(row.requests for row in by_method[EXACT]):.0%}",
        _median([needed.work for needed in needs]),
        _median([needed.saved for needed in needs]),
    )


def _median(parts: Sequence[Floats]) -> str:
    every = np.concatenate(parts)
    return f"{float(np.median(every)):.1%}" if len(every) else ""


def _share(rows: Sequence[Row]) -> str:
    asking = sum(row.requests for row in rows)
    return f"{sum(row.served or 0 for row in rows) / asking:.1%}" if asking else ""


def gain(served: int, conventional: int) -> str:
    """(served - conventional) / conventional in percent; ``from none`` when the conventional scheme serves nobody."""
    if conventional:
        return f"{(served - conventional) / conventional:.0%}"
    return "from none" if served else ""


@dataclasses.dataclass(frozen=True)
class Need:
    """Least bandwidths of the users of an instance, with overlap and without."""

    in_reach: int
    """Number of users who can meet their deadline at some bandwidth."""
    work: Floats
    """Share of the deadline that the work takes at f*, for each user whom the conventional scheme can serve."""
    saved: Floats
    """Share of the conventional scheme's least bandwidth that overlap saves, for the same users."""


def need(instance: Instance) -> Need:
    """Compute what overlap saves each user."""
    with_it = least_bandwidths(instance).bandwidth_hz
    without = download_first.METHOD.need(instance).bandwidth_hz
    steady = least_bandwidths(instance.replace(frequency="per-device"))
    both = np.isfinite(without) & (without > 0)
    work = np.array([model.work_flop for model in instance.models])[steady.model[both]]
    taken = work / steady.flop_per_s[both] / instance.arrays.deadline_s[both]
    return Need(int(np.isfinite(with_it).sum()), taken, 1 - with_it[both] / without[both])


def write_figures(rows: Iterable[Row], kinds: Mapping[str, str], folder: Path) -> None:
    """Write a figure for each sweep: the mean share of the users that each method serves, a panel for each kind."""
    folder.mkdir(parents=True, exist_ok=True)
    for parameter, part in by_parameter(rows).items():
        groups = group_lines(lines(part))
        panels = []
        for kind in dict.fromkeys(kinds[row.asked.swept.of] for row in part if row.asked.swept is not None):
            mine = [dataclasses.replace(group, lines=_of_kind(group.lines, kind, kinds)) for group in groups]
            panel = comparison.mean_panel(mine, kind)
            if panel is not None:
                panels.append(panel)
        if not panels:
            raise InputError("expected several instances of each kind, there is one", source="figures")
        values = sorted({row.asked.swept.value for row in part if row.asked.swept is not None})
        name = f"overlap-{parameter.replace(' ', '-')}.svg"
        (folder / name).write_text(render_svg(sweeps.draw(parameter, values, panels)), encoding="utf-8", newline="\n")


def _of_kind(found: Iterable[Line], kind: str, kinds: Mapping[str, str]) -> tuple[Line, ...]:
    sweeps_of = ((line, line.row.asked.swept) for line in found)
    return tuple(line for line, swept in sweeps_of if swept is not None and kinds[swept.of] == kind)


if __name__ == "__main__":
    sys.exit(main())
