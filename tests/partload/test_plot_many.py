"""Pictures of large plans: small enough to read, with everything that is in the plan, and nothing cut off."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest

import partload
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.metrics import metrics
from partload.instances.partial_loading.solution import Solution, records
from partload.instances.partial_loading.transform import without_sharing
from partload.instances.slide.instance import Instance as SlideInstance
from partload.plots import colours, leaders, strips
from partload.plots.partial_loading import gantt, spectrum
from partload.plots.partial_loading.families import families, shared
from partload.plots.partial_loading.lanes import visit_names
from partload.plots.picture import Picture
from partload.plots.slide import gantt as slide_gantt
from partload.plots.slide import spectrum as slide_spectrum
from tests.support.browser import CHROMIUM, asked

LARGEST_INCHES = 14.0


def one_by_one(instance: Instance, slots: int) -> Solution:
    """Requests one by one, in time or not."""
    plan = tuple(partload.Slot(request.model, (request.id,)) for request in instance.requests[:slots])
    times = clock.run(instance, plan)
    found, measured = records(instance, plan, times), metrics(instance, plan, times)
    return Solution(instance=instance.name, slots=found, status="feasible", metrics=measured)


def pictures(name: str) -> list[Picture]:
    """Both pictures of a plan of an instance of the library."""
    instance = partload.read(name)
    if isinstance(instance, SlideInstance):
        served = partload.solve(instance)
        return [slide_gantt.picture([(served, instance)]), slide_spectrum.picture(served, instance)]
    static = instance.server.uplink == "static"
    solution = partload.solve(instance) if static else one_by_one(instance, 120)
    return [
        gantt.picture([(solution, instance)]),
        spectrum.picture(solution, instance),
        gantt.picture([(solution, None)]),
    ]


NAMES = ["three-models", "edge-demo", "fleet-40x400", "static-band", "slide-overlap", "slide-campus-200"]


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=pytest.mark.long) if one == "fleet-40x400" else one for one in NAMES]
)
def test_pictures_are_small_and_whole_and_their_axes_have_units(name: str):
    for picture in pictures(name):
        picture.figure.draw_without_rendering()
        width, height = picture.figure.get_size_inches()
        assert height <= LARGEST_INCHES
        inside = picture.figure.get_tightbbox()
        assert min(inside.x0, inside.y0) >= 0
        assert inside.x1 <= width + 0.01
        assert inside.y1 <= height + 0.01
        for axes in picture.figure.axes:
            if axes.axison:
                assert re.search(r"\[(s|GB|MB|B)\]$", axes.get_xlabel())
        first = picture.figure.axes[0]
        rows = {text.get_text() for text in (*first.texts, *first.get_yticklabels())}
        assert re.search(r"\[[MkG]?Hz\]$", first.get_ylabel()) or rows & {"model: requests", "user: model", "inference"}


def test_every_slot_is_in_the_lanes_for_all_of_its_time():
    instance = partload.read("fleet-40x400")
    solution = one_by_one(instance, 120)
    picture = gantt.picture([(solution, instance)])
    drawn: dict[str, float] = {}
    for axes in picture.figure.axes:
        for patch in axes.patches:
            if patch.get_gid():
                said = picture.tooltips[patch.get_gid()]
                drawn[said] = drawn.get(said, 0.0) + patch.get_width()
    for number, slot in enumerate(solution.slots, 1):
        (batch,) = [said for said in drawn if said.startswith(f"slot {number}, {slot.model}: inference")]
        assert drawn[batch] == pytest.approx(slot.end_s - slot.ready_s)
        loads = [said for said in drawn if said.startswith(f"slot {number}, {slot.model}: load from")]
        assert sum(drawn[said] for said in loads) == pytest.approx(slot.load_end_s - slot.start_s, abs=1e-12)
        (share,) = {said for said in drawn if said.startswith(f"slot {number}, {slot.model}: loads ")}
        loaded = instance.size_of(slot.loaded_blocks)
        assert f"loads {loaded / 1e6:.4g} of" in share


def test_a_plan_beyond_all_bounds_is_cut_and_said_to_be():
    instance = partload.read("general-60x1000")
    few = one_by_one(instance, 1000)
    many = Solution(instance=instance.name, slots=few.slots * 2, status="feasible")
    picture = gantt.picture([(many, None)])
    title = picture.figure.axes[0].get_title(loc="left")
    assert "(the first 1200 slots; 800 more are not drawn) (deadlines not known)" in title
    assert len(picture.figure.axes) == strips.MOST_STRIPS


def test_windows_cover_the_time_once():
    assert strips.windows(40, 3.0) == [(0.0, 3.0)]
    assert strips.windows(0, 0.0) == [(0.0, 1.0)]
    found = strips.windows(100, 3.0)
    assert found == [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)]
    spans = [strips.shown(window, 0.5, 2.5) for window in found]
    assert spans == [(0.5, 1.0), (1.0, 2.0), (2.0, 2.5)]
    assert strips.shown(found[0], 1.0, 2.0) is None


def test_consecutive_slots_of_a_model_have_one_name():
    instance = partload.read("three-models")
    solution = one_by_one(instance, 6)
    end = solution.slots[-1].end_s
    models = [model for model, _ in itertools.groupby(slot.model for slot in solution.slots)]
    names = visit_names(solution.slots, (0.0, end))
    assert [name for _, name in names] == models
    assert [place for place, _ in names] == sorted(place for place, _ in names)


@pytest.mark.parametrize("seed", range(20))
def test_labels_are_apart_in_their_order_and_move_as_little_as_possible(seed: int):
    random = np.random.default_rng(seed)
    places = sorted(random.random(int(random.integers(1, 15))) ** 2)
    moved = leaders.spread(places, 0.05)
    assert moved[0] >= 0
    assert moved[-1] <= 1 + 1e-9
    assert all(after - before >= 0.05 - 1e-9 for before, after in itertools.pairwise(moved))
    cost = sum((at - place) ** 2 for at, place in zip(moved, places))
    for _ in range(200):
        other = np.sort(np.array(moved) + random.normal(0, 0.01, len(moved)))
        if other[0] >= 0 and other[-1] <= 1 and np.all(np.diff(other) >= 0.05):
            assert float(np.sum((other - places) ** 2)) >= cost - 1e-9


def test_of_too_many_labels_those_of_the_largest_parts_stay_near_them():
    labels = [(float(n), (0.5 + 0.0001 * n, f"m{n}")) for n in range(100)]
    chosen = leaders.fitting(labels, 8.0)
    assert 5 <= len(chosen) <= 10
    assert {name for _, name in chosen} == {f"m{n}" for n in range(100 - len(chosen), 100)}


def test_models_that_share_blocks_have_shades_of_one_colour():
    instance = partload.read("edge-demo")
    found = families([model.id for model in instance.models], instance)
    kinds = {model: model.rpartition("-")[0] for model in found}
    assert len(set(kinds.values())) == len(set(found.values())) == 3
    assert all(kinds[model] == kinds[first] for model, first in found.items())
    assert shared(instance, "resnet50-0", "vit_l_16-0") == 0.0
    assert len(set(families(found, None).values())) == len(found)
    assert families(["vit_l_16-0", "of another instance", "vit_l_16-1"], instance) == {
        "vit_l_16-0": "vit_l_16-0",
        "of another instance": "of another instance",
        "vit_l_16-1": "vit_l_16-0",
    }


def test_a_model_has_one_colour_in_all_charts_of_a_picture():
    instance = partload.read("edge-demo")
    alone = without_sharing(instance)
    picture = gantt.picture([(one_by_one(instance, 9), instance), (one_by_one(alone, 9), alone)])
    seen: dict[str, set[object]] = {}
    for axes in picture.figure.axes[::2]:
        swatches = [patch for patch in axes.patches if not patch.get_clip_on()]
        names = [text.get_text().partition(":")[0] for text in axes.get_yticklabels()]
        assert len(swatches) == len(names) == 9
        for name, swatch in zip(names, swatches):
            seen.setdefault(name, set()).add((swatch.get_facecolor(), swatch.get_hatch()))
    assert len(seen) > 3
    assert all(len(looks) == 1 for looks in seen.values())


def test_models_keep_apart():
    styles = colours.styles({f"m{n}": n % 9 for n in range(100)})
    assert len(set(styles.values())) == 100
    assert colours.family_names({"a": 0, "b": 0, "c": 1, "d": 0}) == {"a": "a and 2 related", "c": "c"}


ZOOM = """
const box = document.querySelector(".picture");
const svg = box.querySelector("svg");
const buttons = document.querySelectorAll(".tools button");
const wide = () => Math.round(svg.getBoundingClientRect().width);
const found = ["1240px", "390px"].map((room) => {
  document.body.style.width = room;
  svg.style.minWidth = "";
  const widths = [wide(), box.clientWidth];
  buttons[1].click();
  buttons[1].click();
  widths.push(wide(), Math.round(box.scrollLeft));
  buttons[2].click();
  widths.push(wide());
  document.querySelector('[id^="part-"]').dispatchEvent(new MouseEvent("click", { bubbles: true }));
  const said = document.querySelector("output").textContent;
  return { widths, said, page: document.body.scrollWidth - document.body.clientWidth };
});
document.title = JSON.stringify(found);
"""


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser")
def test_a_browser_zooms_into_the_middle_and_says_what_a_part_is(tmp_path: Path):
    instance = partload.read("fleet-40x400")
    partload.plot(one_by_one(instance, 120), tmp_path / "a.html", instance)
    wide, narrow = json.loads(asked(tmp_path / "a.html", ZOOM))
    for found in (wide, narrow):
        first, room, zoomed, left, whole = found["widths"]
        assert first == max(room, 48 * 16), "a narrow window shows letters of a size that can be read"
        assert zoomed == pytest.approx(2.25 * first, rel=0.02)
        assert left == pytest.approx(1.25 * room / 2, rel=0.05)
        assert whole == room
        assert found["said"].startswith("slot 1, ")
        assert found["page"] <= 0
    assert narrow["widths"][1] <= 390 < wide["widths"][1]
