"""Other solvers on the instances of ``partload generate general``, beside the method ``sequence``.

    python -m partload.benchmarks.peers [--install] [--sizes 12x40,20x100] [--seeds 3] [--time-limit 100]

With ``--install``, first makes the environments that are missing, in the folder .peers. Each run is a process of its
own, one after another. Writes rows.jsonl, table.txt and the instances into the folder of ``--out``. Exit status 1 on
an alarm: a plan that the checker rejects, or numbers that contradict each other.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from partload.benchmarks.peers import comparison, process, table
from partload.benchmarks.peers.comparison import Row
from partload.benchmarks.peers.environments import OWN, PEERS, Peer, install, python_of
from partload.benchmarks.peers.task import Task, task_of
from partload.benchmarks.versions import versions
from partload.instances import files
from partload.instances.errors import InputError
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Instance

SIZES = "12x40,20x100,32x200,60x1000"
WARM_UP = (4, 10, 0)
"""Models, requests and seed of the small instance that each peer solves first."""
WARM_UP_S = 1.0
WIDTH = 140


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true", help="make the environments that are missing")
    parser.add_argument("--peers", default=",".join(peer.name for peer in PEERS), help="names, a comma between two")
    parser.add_argument("--sizes", default=SIZES, help="MODELSxREQUESTS, a comma between two")
    parser.add_argument("--seeds", type=int, default=3, help="instances of each size")
    parser.add_argument("--time-limit", type=float, default=100.0, help="seconds for each run")
    parser.add_argument("--out", type=Path, default=Path("out/peers"), help="folder for what is written")
    asked = parser.parse_args(arguments)
    try:
        peers, sizes = chosen(asked.peers), sizes_of(asked.sizes)
        for peer in peers if asked.install else ():
            install(peer)
        pythons = {peer: python_of(peer) for peer in peers}
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    asked.out.mkdir(parents=True, exist_ok=True)
    cases = [(models, requests, seed) for models, requests in sizes for seed in range(asked.seeds)]
    warm_up = prepared(*WARM_UP, asked.out, WARM_UP_S)[1]
    rows: list[Row] = []
    with (asked.out / "rows.jsonl").open("w", encoding="utf-8") as log:
        for models, requests, seed in cases:
            instance, task = prepared(models, requests, seed, asked.out, asked.time_limit)
            own = process.run(python_of(OWN), OWN.file, warm_up, task)
            for peer in (OWN, *peers):
                answer = own if peer == OWN else process.run(pythons[peer], peer.file, warm_up, task)
                name = (peer.name, peer.requirement or "partload")
                rows.append(comparison.row(name, instance, seed, task, own, answer))
                print(table.line(rows[-1]), file=log, flush=True)
    _write(Console(width=WIDTH), peers, rows)
    with (asked.out / "table.txt").open("w", encoding="utf-8") as file:
        _write(Console(width=WIDTH, file=file), peers, rows)
    return 1 if any(row.alarms for row in rows) else 0


def _write(console: Console, peers: list[Peer], rows: list[Row]) -> None:
    console.print(table.runs(rows))
    console.print(table.means(peers, rows))
    console.print(versions(), highlight=False, soft_wrap=True)


def prepared(models: int, requests: int, seed: int, folder: Path, time_limit: float) -> tuple[Instance, Task]:
    """An instance, written to a file, and its task."""
    instance = generate("general", models=models, requests=requests, seed=seed)
    file = folder / f"general-{models}x{requests}-{seed}.json"
    files.write(instance, file)
    return instance, task_of(instance, file, time_limit)


def chosen(names: str) -> list[Peer]:
    """The peers of these names.

    Raises
    ------
    InputError
        When there is none of a name.
    """
    known = {peer.name: peer for peer in PEERS}
    unknown = [name for name in names.split(",") if name not in known]
    if unknown:
        raise InputError(f"expected some of {', '.join(known)}, got {unknown[0]!r}", source="--peers")
    return [known[name] for name in names.split(",")]


def sizes_of(text: str) -> list[tuple[int, int]]:
    """Models and requests of each size.

    Raises
    ------
    InputError
        When a size is not two whole numbers above 0.
    """
    sizes = []
    for size in text.split(","):
        models, _, requests = size.partition("x")
        if not (models.isdecimal() and requests.isdecimal() and int(models) and int(requests)):
            raise InputError(f"expected sizes such as 12x40,20x100, got {size!r}", source="--sizes")
        sizes.append((int(models), int(requests)))
    return sizes


if __name__ == "__main__":
    sys.exit(main())
