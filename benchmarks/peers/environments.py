"""The peers, and the environments in which they run: each its own, since two of them may not live in one process."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import venv
from pathlib import Path

from partload.instances.errors import InputError

CACHE = Path(".peers")
"""Folder of the environments, in the working directory; git ignores it."""
MODELS = Path(__file__).parent / "models"
INSTALL = "python -m partload.benchmarks.peers --install"


@dataclasses.dataclass(frozen=True)
class Peer:
    """A solver with its model."""

    name: str
    module: str
    """File of its model, in ``models``."""
    requirement: str | None = None
    """What pip installs, pinned; None for what runs in the environment of this package."""
    wanted: float | None = None
    """How many times faster ``sequence`` is to be."""

    @property
    def file(self) -> Path:
        """The file of its model."""
        return MODELS / f"{self.module}.py"


OWN = Peer("sequence", "sequence")
PEERS = (
    Peer("cp-sat", "cp_sat", "ortools==9.15.6755", 20.0),
    Peer("didppy", "didppy", "didppy==0.11.1", 100.0),
    Peer("pyjobshop", "pyjobshop", "pyjobshop==0.0.9", 100.0),
    Peer("pyvrp", "pyvrp", "pyvrp==0.14.1"),
    Peer("slot-highs", "slot_highs", wanted=100.0),
    Peer("slot-scip", "slot_scip", wanted=100.0),
)


def python_of(peer: Peer, cache: Path = CACHE) -> Path:
    """The interpreter that runs a peer.

    Raises
    ------
    InputError
        When its environment is missing, or was made for another version.
    """
    if peer.requirement is None:
        return Path(sys.executable)
    ready = cache / peer.name / "ready"
    if not ready.is_file() or ready.read_text(encoding="utf-8") != peer.requirement:
        wrong = f"expected an environment with {peer.requirement} in {cache / peer.name}; make it with: {INSTALL}"
        raise InputError(wrong, source=peer.name)
    return _interpreter(cache / peer.name)


def install(peer: Peer, cache: Path = CACHE) -> None:
    """Make the environment of a peer, from wheels only, unless it is there.

    Raises
    ------
    InputError
        When pip cannot install the peer.
    """
    folder = cache / peer.name
    ready = folder / "ready"
    if peer.requirement is None or (ready.is_file() and ready.read_text(encoding="utf-8") == peer.requirement):
        return
    venv.create(folder, clear=True, with_pip=True)
    pip = [str(_interpreter(folder)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    made = subprocess.run([*pip, "--only-binary", ":all:", peer.requirement], capture_output=True, text=True)
    if made.returncode != 0:
        last = (made.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise InputError(f"pip cannot install {peer.requirement}: {last}", source=peer.name)
    ready.write_text(peer.requirement, encoding="utf-8")


def _interpreter(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
