"""The palette: colours that any two people can tell apart, in light and in dark."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ElementTree

import pytest

from partload.benchmarks import drawing, palette
from partload.benchmarks.gap.report.style import COLOURS
from tests.support.vision import MACHADO, contrast, distance, lab


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
