"""The colours of the charts: people of any vision tell the kinds of bars apart, in light and in dark."""

from __future__ import annotations

import itertools
import re

import pytest

from partload.benchmarks import palette
from partload.explore import render
from partload.explore.exploration import exploration_of
from partload.instances import library
from partload.instances.problems import PROBLEMS
from tests.support.vision import MACHADO, contrast, distance

KINDS = ("load", "upload", "batch", "deadline")
SHADES = (("load", "download-next"), ("batch", "compute-next"), ("download-next", "compute-next"))
MODES = {
    "light": (render.PALETTE, palette.PAPER, palette.LEAST_DISTANCE),
    "dark": (render.PALETTE | render.DARK, palette.DARK[palette.PAPER], 24.0),
}


@pytest.mark.parametrize("vision", MACHADO)
@pytest.mark.parametrize("mode", MODES)
def test_people_of_any_vision_tell_the_bars_apart(mode: str, vision: str):
    colours, paper, least = MODES[mode]
    pairs = itertools.combinations(KINDS, 2)
    assert min(distance(colours[one], colours[other], vision) for one, other in pairs) >= least
    assert min(distance(colours[one], colours[other], vision) for one, other in SHADES) >= 18
    assert min(distance(colour, paper, vision) for colour in colours.values()) >= 18
    assert min(contrast(colours[kind], paper) for kind in KINDS) > 2.1


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_every_kind_of_bar_has_a_colour(problem):
    style = render.style_sheet()
    kinds = {key.kind for key in exploration_of(library.load(problem.example)).legend}
    assert kinds
    for kind in kinds:
        (variable,) = re.findall(rf"\.{kind}(?:, \.\w+)? {{ fill: var\(--([\w-]+)\); }}", style) or re.findall(
            rf"\.\w+, \.{kind} {{ fill: var\(--([\w-]+)\); }}", style
        )
        assert variable in render.PALETTE
