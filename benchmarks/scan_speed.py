"""How fast ``partload scan`` is, beside one hash over one file, and how much memory it takes.

python -m partload.benchmarks.scan_speed [--gigabytes 10] [--folder FOLDER]

Makes models in FOLDER that are equal but for their heads, so that every byte has to be compared, and removes them. The
files are of random numbers: holes in a file would be faster than any disk. The rates are the best of three runs, the
peak of memory is that of a process of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from partload.instances.checkpoints.content import HASHES, hasher

MODELS = 4
REPEATS = 3
TENSOR_BYTES = 32 * 1024 * 1024
GIGABYTE = 1_000_000_000
SPARE_BYTES = 2 * GIGABYTE
"""Stay free on the disk."""
CHILD = """
import resource, sys, time
from partload.instances.checkpoints.scan import scan
began = time.perf_counter()
found = scan(sys.argv[2:], sys.argv[1])
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, found.blocks[0].size_bytes)
"""


def write_models(folder: Path, total_bytes: int) -> list[Path]:
    """Write the models; each tensor has the same type and shape, and only the head differs between models."""
    count = max(1, total_bytes // MODELS // TENSOR_BYTES)
    names = [f"layers.{number}.weight" for number in range(count)] + ["head.weight"]
    places = {
        name: {
            "dtype": "U8",
            "shape": [TENSOR_BYTES],
            "data_offsets": [number * TENSOR_BYTES, (number + 1) * TENSOR_BYTES],
        }
        for number, name in enumerate(names)
    }
    header = json.dumps(places).encode()
    paths = [folder / f"model{number}.safetensors" for number in range(MODELS)]
    for seed, path in enumerate(paths):
        with path.open("wb") as file:
            file.write(len(header).to_bytes(8, "little") + header)
            for number in range(len(names)):
                tensor = number if number < count else count + seed
                file.write(np.random.default_rng(tensor).bytes(TENSOR_BYTES))
    return paths


def hash_rate(path: Path, name: str) -> float:
    """Bytes per second of one hash over one file, as ``hashlib.file_digest`` computes it."""
    began = time.perf_counter()
    with path.open("rb", buffering=0) as file:
        hashlib.file_digest(file, hasher(name))  # type: ignore[arg-type]
    return path.stat().st_size / (time.perf_counter() - began)


def scan_rate(paths: list[Path], name: str) -> tuple[float, float]:
    """Bytes per second of a scan, and the peak of its memory in bytes."""
    call = [sys.executable, "-c", CHILD, name, *map(str, paths)]
    seconds, peak, shared = subprocess.run(call, check=True, capture_output=True, text=True).stdout.split()
    assert int(shared) == paths[0].stat().st_size // TENSOR_BYTES * TENSOR_BYTES - TENSOR_BYTES
    return sum(path.stat().st_size for path in paths) / float(seconds), int(peak) * 1024


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=10.0)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    options = parser.parse_args()
    total = int(options.gigabytes * GIGABYTE)
    if shutil.disk_usage(options.folder).free < total + SPARE_BYTES:
        sys.exit(f"scan_speed: expected {total + SPARE_BYTES:,} bytes free in {options.folder}")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        paths = write_models(Path(folder), total)
        print(f"{MODELS} models, {sum(path.stat().st_size for path in paths) / GIGABYTE:.1f} GB")
        print("| hash | one file [GB/s] | scan [GB/s] | share | peak of memory [MB] |")
        print("| --- | --- | --- | --- | --- |")
        os.sync()  # The disk would be busy with writing.
        for name in HASHES:
            runs = [(hash_rate(paths[0], name), *scan_rate(paths, name)) for _ in range(REPEATS)]
            alone, rate, peak = (max(column) for column in zip(*runs))
            cells = (name, f"{alone / 1e9:.2f}", f"{rate / 1e9:.2f}", f"{rate / alone:.0%}", f"{peak / 1e6:.0f}")
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
