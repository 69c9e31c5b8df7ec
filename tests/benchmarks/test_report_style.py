"""The lines of many methods can be told apart: by colour, marker and dash, with any colour vision."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree

import numpy as np
import pytest

from partload.benchmarks import drawing
from partload.benchmarks.gap import table
from partload.benchmarks.gap.report import sweeps
from partload.benchmarks.gap.report.style import COLOURS, group_lines
from tests.benchmarks.test_gap_report import row

VISION = {
    "any": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB."""
LEAST_DISTANCE = 9.0
"""In CIELAB; a distance of 2.3 is just noticeable."""


def linear(colour: str) -> np.ndarray:
    """Linear RGB of a colour such as #0072B2."""
    values = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear RGB, with the white of sRGB."""
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    xyz = to_xyz @ rgb / (to_xyz @ np.ones(3))
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISION)
def test_colours_are_told_apart(vision):
    palette = dict.fromkeys((*COLOURS, drawing.YELLOW))
    seen = {colour: lab(np.clip(VISION[vision] @ linear(colour), 0, 1)) for colour in palette}
    for one, other in itertools.combinations(palette, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > LEAST_DISTANCE, (one, other)


def many(count: int, sharing: bool = True) -> list:
    return [
        row("x 1", f"method-{n}", 5.0 + n % 2, swept=("x", "bandwidth", value), sharing=sharing)
        for n in range(count)
        for value in (1.0, 2.0)
    ]


def test_twenty_methods_have_lines_of_their_own():
    groups = group_lines(table.lines(many(20)))
    styles = {(group.style["color"], group.style["marker"], group.style["linestyle"]) for group in groups}
    assert len(styles) == 20
    marks = {(group.style["marker"], group.style["linestyle"]) for group in groups}
    assert len(marks) == 20, "also in black and white"
    widths = [group.style["linewidth"] for group in groups]
    assert widths == sorted(widths, reverse=True), "a thin line lies on a thick one, so that equal ones are visible"
    assert len(set(widths)) == 20


def test_a_sweep_with_and_without_sharing_shows_every_method():
    rows = [*many(3), *many(1, sharing=False)]
    (figure,) = sweeps.figures(table.lines(rows), {})
    said = "".join(ElementTree.fromstring(figure.svg).itertext())
    for name in ("method-0", "method-1", "method-2", "method-0 without sharing", "gain by sharing"):
        assert name in said
    assert "of method-0, where something is served without sharing" in figure.caption
