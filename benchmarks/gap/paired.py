"""Two methods on the same instances: who serves more, by how much on average, and whether that could be chance.

Runs are paired by instance, copy, seed and place in a sweep. What is compared is the weight served as a share of the
reference of the instance, its optimum or least bound, so the difference of two shares is that of two gaps.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from partload.benchmarks.gap.table import EQUAL, Line, value
from partload.instances import extras
from partload.instances.errors import InputError, expected_one_of

RESAMPLES = 10_000
"""Samples of the bootstrap."""
CONFIDENCE = 0.95
SEED = 0
"""Of the bootstrap: the same rows give the same interval."""


@dataclasses.dataclass(frozen=True, slots=True)
class Paired:
    """The comparison of two methods, a and b."""

    a: str
    b: str
    pairs: int
    """Instances on which both have a plan, and a reference is known."""
    wins: int
    """Pairs in which a serves more than b."""
    ties: int
    losses: int
    mean_difference: float
    """Mean of (weight of a - weight of b) / reference; above 0 where a is better."""
    interval: tuple[float, float]
    """95 % bootstrap interval of that mean (percentiles of the means of 10,000 samples of the pairs)."""
    sign_p: float
    """Two-sided p-value of the sign test over the pairs that are no ties; 1 where there are none."""
    wilcoxon_p: float
    """Two-sided p-value of Wilcoxon's signed-rank test over the same pairs; 1 where there are none."""

    def __str__(self) -> str:
        low, high = self.interval
        counts = f"{self.wins} wins, {self.ties} ties, {self.losses} losses in {self.pairs} pairs"
        mean = f"mean difference {self.mean_difference:+.2%} of the reference, 95 % interval {low:+.2%} to {high:+.2%}"
        tests = f"sign test p = {self.sign_p:.2g}, Wilcoxon p = {self.wilcoxon_p:.2g}"
        return f"{self.a} against {self.b}: {counts}; {mean}; {tests}"


def paired(lines: Sequence[Line], a: str, b: str) -> Paired:
    """Compare two methods of a study.

    Parameters
    ----------
    lines
        All lines of the study.
    a, b
        Labels of the methods, as the tables have them.

    Raises
    ------
    InputError
        When a label is not in the study, no instance has plans of both, or SciPy is not installed.
    """
    stats = extras.load("scipy.stats", "a comparison of two methods")
    labels = list(dict.fromkeys(line.label for line in lines))
    for label in (a, b):
        if label not in labels:
            raise InputError(expected_one_of(labels, label), source="pair")
    shares_a, shares_b = _shares(lines, a), _shares(lines, b)
    difference = np.array([shares_a[key] - shares_b[key] for key in shares_a if key in shares_b])
    if not len(difference):
        raise InputError(f"no instance has plans of both {a!r} and {b!r} and a reference", source="pair")
    difference[np.abs(difference) <= EQUAL] = 0.0
    wins, losses = int(np.sum(difference > 0)), int(np.sum(difference < 0))
    decided = difference[difference != 0]
    return Paired(
        a=a,
        b=b,
        pairs=len(difference),
        wins=wins,
        ties=len(difference) - wins - losses,
        losses=losses,
        mean_difference=float(difference.mean()),
        interval=_interval(difference),
        sign_p=float(stats.binomtest(wins, wins + losses).pvalue) if len(decided) else 1.0,
        wilcoxon_p=float(stats.wilcoxon(decided).pvalue) if len(decided) else 1.0,
    )


def _shares(lines: Sequence[Line], label: str) -> dict[tuple[str, bool, int | None], float]:
    """Weight served as a share of the reference, by what two runs of a pair have in common."""
    found = {}
    for line in lines:
        served, asked = value(line.row), line.row.asked
        if line.label == label and line.gap is not None and served is not None:
            found[asked.instance_sha256, asked.sharing, asked.seed] = 1 - line.gap
    return found


def _interval(difference: NDArray[np.float64]) -> tuple[float, float]:
    """Percentile interval of the mean of differences."""
    random = np.random.default_rng(SEED)
    means = np.array([random.choice(difference, len(difference)).mean() for _ in range(RESAMPLES)])
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)
