"""``make demo``: the value of sharing on the instance ``edge-demo``, solved to optimality with and without sharing.

The demonstration prints both schedules and draws them below each other. It compares the heuristics with the optimum and
draws the bandwidth of each request over time. At the end it solves and draws an instance of SLIDE.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from partload import console
from partload.benchmarks.gap.study import gap
from partload.commands.gap import show as show_study
from partload.commands.solve import show
from partload.instances import library
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.solution import Solution
from partload.instances.partial_loading.transform import without_sharing
from partload.instances.slide.instance import Instance as SlideInstance
from partload.plots.partial_loading import gantt, spectrum
from partload.plots.slide import gantt as downloads
from partload.solvers import solve

INSTANCE = "edge-demo"
BAND = "v100-resnet50"
"""The instance of the spectrum: its uploads take more time than its loads, so the bandwidth matters."""
SLIDE = "slide-cell-20"
HEURISTICS = ("local-search", "greedy-rate", "greedy-sharing", "earliest-deadline", "first-come", "full-loading")
TIME_LIMIT_S = 1.0


def compare(solved: list[tuple[Solution, Instance]]) -> None:
    """Print the measures of the solutions, one row for each."""
    rows = []
    for solution, instance in solved:
        metrics = solution.metrics or {}
        served = f"{console.number(metrics['served'])} of {console.number(metrics['requested'])}"
        loaded = console.megabytes(metrics["loaded_bytes"] or 0)
        rows.append((instance.name, served, loaded, console.seconds(metrics["makespan_s"]), str(solution.status)))
    console.table(("instance", "served>", "loaded>", "last slot ends>", "status"), rows)


def main() -> None:
    """Run the demonstration of ``make demo``."""
    parser = argparse.ArgumentParser(prog="python -m partload.demo", description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for the pictures [out]")
    folder = parser.parse_args().out
    shared = library.load(INSTANCE, Instance)
    solved = []
    for instance in (shared, without_sharing(shared)):
        solution = solve(instance)
        show(instance, solution)
        print()
        solved.append((solution, instance))
    compare(solved)
    study = gap([INSTANCE], ("exact", *HEURISTICS), no_sharing=("exact",), time_limit=TIME_LIMIT_S, workers=2)
    show_study(study, None, None)
    downloading = library.load(SLIDE, SlideInstance)
    downloaded = solve(downloading)
    show(downloading, downloaded)
    folder.mkdir(parents=True, exist_ok=True)
    band = library.load(BAND, Instance)
    pictures = {
        f"{INSTANCE}.svg": gantt.picture(solved),
        "spectrum.svg": spectrum.picture(solve(band), band),
        f"{SLIDE}.svg": downloads.picture([(downloaded, downloading)]),
    }
    for name, picture in pictures.items():
        picture.save(folder / name)
        print(f"wrote {folder / name}")


if __name__ == "__main__":
    main()
