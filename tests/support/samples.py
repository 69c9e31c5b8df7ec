"""Samples of long agreement runs."""

from __future__ import annotations

from collections.abc import Sequence

import pytest


def sample(cases: Sequence[int], size: int) -> list[object]:
    """All cases, the first few for the default run and the others marked ``long``."""
    return [*cases[:size], *(pytest.param(case, marks=pytest.mark.long) for case in cases[size:])]
