"""The palette: colours that any two people can tell apart, in light and in dark."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray

from partload.benchmarks import drawing, palette
from partload.benchmarks.gap.report.style import COLOURS

MACHADO = {
    "normal": np.eye(3),
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
"""The simulation of Machado, Oliveira and Fernandes (2009) at severity 1, on linear sRGB."""
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE_XYZ = TO_XYZ @ np.ones(3)


def lab(colour: str, vision: str) -> NDArray[np.float64]:
    """The coordinates in CIELAB of what a person of this vision sees."""
    share = np.array(palette.channels(colour)) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    t = TO_XYZ @ np.clip(MACHADO[vision] @ linear, 0, 1) / WHITE_XYZ
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: str, other: str, vision: str) -> float:
    return float(np.linalg.norm(lab(one, vision) - lab(other, vision)))


def test_distances_by_hand():
    assert lab("#ffffff", "normal") == pytest.approx([100, 0, 0], abs=1e-6)
    assert lab("#ff0000", "normal") == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    assert distance("#009e73", "#56b4e9", "tritanopia") == pytest.approx(16.05, abs=0.01), "of Okabe and Ito"


@pytest.mark.parametrize("vision", MACHADO)
def test_people_of_any_vision_tell_the_colours_apart(vision: str):
    least = min(distance(one, other, vision) for one, other in itertools.combinations(COLOURS, 2))
    assert least >= palette.LEAST_DISTANCE
    dark = [palette.DARK.get(colour, colour) for colour in COLOURS]
    assert min(distance(one, other, vision) for one, other in itertools.combinations(dark, 2)) >= 20


def contrast(one: str, other: str) -> float:
    low, high = sorted((palette.luminance(one), palette.luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", palette.PALETTE)
def test_colours_stand_out_from_the_paper_and_carry_text(colour: str):
    assert contrast(colour, palette.PAPER) > 2.2
    assert contrast(colour, palette.DARK[palette.PAPER]) > 2.7
    for part in (0.0, 0.25, 0.5, 0.7):
        shade = palette.tint(colour, part)
        assert contrast(palette.text_on(shade), shade) > 4.5


def test_text_and_lines_stand_out_in_either_mode():
    for mode in ({colour: colour for colour in palette.DARK}, palette.DARK):
        assert contrast(mode[palette.INK], mode[palette.PAPER]) > 12
        assert contrast(mode[palette.SOFT], mode[palette.PAPER]) > 4.5


def test_an_svg_has_colours_for_dark_mode():
    figure = drawing.blank(2, 2)
    drawing.style_axes(figure.subplots())
    text = drawing.svg(figure)
    ElementTree.fromstring(text)
    for light, dark in palette.DARK.items():
        assert f'[style*="fill: {light}"] {{ fill: {dark} !important; }}' in text
        assert f'[style*="stroke: {light}"] {{ stroke: {dark} !important; }}' in text
    body = text[text.index("</style>") :]
    assert f'style="fill: {palette.PAPER}' in body, "the paper is painted, so that dark viewers show no ink on black"
    assert f"stroke: {palette.INK}" in body
