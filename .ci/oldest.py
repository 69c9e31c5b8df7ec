"""Print the oldest version that pyproject.toml allows of everything it asks for, as constraints for pip."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"
BOUNDED = re.compile(r"(?P<name>[\w.-]+)>=(?P<oldest>[\w.]+)(,<[\w.]+)?")


def oldest(project: dict[str, Any]) -> list[str]:
    """``name==version`` for what the project and its extras ask for; extras of the project itself are left out.

    Raises
    ------
    ValueError
        For a requirement that states no oldest version.
    """
    pins = set()
    for requirement in chain(project["dependencies"], *project["optional-dependencies"].values()):
        if requirement.startswith(f"{project['name']}["):
            continue
        found = BOUNDED.fullmatch(requirement)
        if found is None:
            raise ValueError(f"{PYPROJECT}: expected a requirement such as name>=1.2, got {requirement!r}")
        pins.add(f"{found['name']}=={found['oldest']}")
    return sorted(pins)


if __name__ == "__main__":
    print("\n".join(oldest(tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"])))
