"""The page in a browser: sliders, tabs, dragging, files, and that nobody else is asked for anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import partload
from partload.benchmarks import explore_speed
from partload.cli import run
from partload.explore import answers, static
from partload.explore.state import State
from partload.instances import files
from partload.instances.errors import InputError
from partload.instances.serialisation import render
from tests.support.chromium import chromium
from tests.support.explored import served

pytestmark = pytest.mark.browser

SIZES = [(1280, 900), (390, 844)]
ROLES = ("optimum", "heuristic", "without")
OVERLAPS = """() => {
  const found = [];
  const texts = [...document.querySelectorAll(
    ".chip, .head .title, .head .note, .slider span, .slider output, td, th, h1, h2, h3, .axis text, " +
    "select, .equations p > span, .formula, .sizes, .drop > span, .legend li, .verdict li, button")]
    .filter((one) => one.checkVisibility() && one.textContent.trim());
  const boxes = texts.map((one) => [one, one.getBoundingClientRect()]);
  for (const [n, [one, a]] of boxes.entries()) {
    if (a.left < -1 || a.right > innerWidth + 1) found.push(`beyond the edge: ${one.textContent.trim()}`);
    for (const [other, b] of boxes.slice(n + 1)) {
      if (one.contains(other) || other.contains(one)) continue;
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1 && high > 1) found.push(`${one.textContent.trim()} | ${other.textContent.trim()}`);
    }
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(State(name="edge-demo")) as port:
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture
def context(browser) -> Iterator[object]:
    made = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    strangers: list[str] = []
    wrong: list[str] = []

    def watch(route) -> None:
        asked = urlsplit(route.request.url)
        if asked.scheme == "file" or asked.hostname == "127.0.0.1":
            route.continue_()
        else:
            strangers.append(route.request.url)
            route.abort()

    made.route("**/*", watch)
    made.on("weberror", lambda error: wrong.append(str(error.error)))
    yield made
    made.close()
    assert strangers == []
    assert wrong == []


@pytest.fixture
def page(context, address: str):
    return opened(context, address)


def opened(context, address: str):
    """A tab with the page, drawn."""
    made = context.new_page()
    made.goto(address)
    made.wait_for_selector("body[data-explained]")
    return made


def slide(page, name: str, position: int) -> None:
    """Move a slider, as its input event tells the page."""
    page.eval_on_selector(
        f'input[name="{name}"]',
        "(one, place) => { one.value = place; one.dispatchEvent(new Event('input', { bubbles: true })); }",
        position,
    )


def settled(page, **positions: int) -> None:
    """Wait until the page shows these positions, the formulation too."""
    wanted = json.dumps(positions, separators=(",", ":"))
    page.wait_for_selector(f"body[data-shown='{wanted}'][data-explained='{wanted}']")


def numbers(page, role: str) -> dict[str, str]:
    cells = page.query_selector_all(f'tr[data-role="{role}"] td')
    return {cell.get_attribute("data-measure"): cell.text_content() for cell in cells}


def charts(page) -> list[str]:
    return [page.inner_html(f'.chart[data-role="{role}"]') for role in ROLES]


def as_inserted(page, html: str) -> str:
    """HTML as the browser writes it once it is part of a page."""
    script = "(html) => { const one = document.createElement('div'); one.innerHTML = html; return one.innerHTML; }"
    return page.evaluate(script, html)


def expected(page, state: State) -> list[str]:
    parts = answers.drawn(state.instance, state.chosen_heuristic)["parts"]
    return [as_inserted(page, parts[role]) for role in ROLES]


def test_a_slider_changes_chart_and_numbers_and_these_are_those_of_solve(page, tmp_path: Path, capfd):
    before = charts(page), numbers(page, "optimum")
    slide(page, "bandwidth", 12)
    slide(page, "shared", 10)
    settled(page, bandwidth=12, shared=10)
    assert page.text_content('label:has(input[name="bandwidth"]) output') == "7.07 MHz"
    assert charts(page) != before[0]
    assert numbers(page, "optimum") != before[1]
    with page.expect_download() as download:
        page.click(".save")
    download.value.save_as(tmp_path / "saved.json")
    assert run(["solve", str(tmp_path / "saved.json"), "--json"]) == 0
    solution = files.parse(capfd.readouterr().out)
    shown = numbers(page, "optimum")
    assert (float(shown["objective"]), float(shown["bound"])) == (solution.objective, solution.bound)
    assert charts(page) == expected(page, State(name="edge-demo", positions={"bandwidth": 12, "shared": 10}))
    page.click(".reset")
    settled(page)
    assert (charts(page), numbers(page, "optimum")) == before


def test_two_tabs_and_ten_fast_moves_stay_consistent(context, address: str):
    tabs = [opened(context, address) for _ in range(2)]
    moves = [(place, 40 - place) for place in range(4, 24, 2)]
    assert len(moves) == 10
    for place, other in moves:
        slide(tabs[0], "bandwidth", place)
        slide(tabs[1], "deadline", other)
    settled(tabs[0], bandwidth=moves[-1][0])
    settled(tabs[1], deadline=moves[-1][1])
    for tab, positions in ((tabs[0], {"bandwidth": moves[-1][0]}), (tabs[1], {"deadline": moves[-1][1]})):
        state = State(name="edge-demo", positions=positions)
        assert charts(tab) == expected(tab, state)
        (name, place), *_ = positions.items()
        assert tab.input_value(f'input[name="{name}"]') == str(place)
        solved = partload.solve(state.instance)
        assert float(numbers(tab, "optimum")["objective"]) == solved.objective


def drag(page, chip: str, place: str) -> None:
    """Drag with the mouse, in steps as a hand would."""
    for selector in (place, chip):
        page.locator(selector).scroll_into_view_if_needed()
    start, end = (page.locator(selector).bounding_box() for selector in (chip, place))
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 40, end["y"] + end["height"] / 2, steps=6)
    assert page.query_selector(".ghost")
    page.mouse.up()


def test_a_drag_that_breaks_a_rule_names_the_rule(page):
    chart = '.chart[data-role="optimum"]'
    before = page.inner_html(chart)
    who = page.get_attribute(f'{chart} .row[data-target="0"] .chip', "data-id")
    drag(page, f'{chart} .chip[data-id="{who}"]', f'{chart} .row[data-target="1"]')
    verdict = page.wait_for_selector(f"{chart} .verdict.broken").inner_text()
    assert "wrong-model" in verdict
    assert who in verdict
    assert f"serves {who!r} by the model it asks for" in page.wait_for_selector(".unmarked:not([hidden])").inner_text()
    assert page.get_attribute(f'{chart} .row:has(.chip[data-id="{who}"])', "data-target") == "1"
    page.click(f"{chart} .back")
    assert page.inner_html(chart) == before
    page.wait_for_selector("[data-equation=by_its_model].binds")
    drag(page, f"{chart} .tray .chip >> nth=0", f'{chart} [data-target="new"]')
    assert "deadline" in page.wait_for_selector(f"{chart} .verdict.broken").inner_text()
    assert page.wait_for_selector("[data-equation=in_time].broken .mark").inner_text() == "broken"


def test_of_two_instances_the_one_chosen_last_is_shown(page):
    held = []
    page.route(
        "**/open", lambda route: held.append(route) if "three-models" in route.request.post_data else route.continue_()
    )
    page.select_option("select[name=instance]", "three-models")
    page.select_option("select[name=instance]", "full-batch")
    page.wait_for_selector("h2.name:text-is('full-batch')")
    with page.expect_response("**/open") as late:
        held[0].continue_()
    assert late.value.ok
    page.wait_for_selector("body[data-explained]")
    assert page.inner_text("h2.name") == "full-batch"
    assert page.input_value("select[name=instance]") == "full-batch"


def test_where_an_instance_cannot_be_drawn_nothing_of_the_one_before_stays(page, monkeypatch):
    def refuse(*given: object) -> answers.Answer:
        raise InputError("too large")

    with monkeypatch.context() as patch:
        patch.setattr(answers, "drawn", refuse)
        slide(page, "bandwidth", 0)
        assert page.wait_for_selector(".message:not([hidden])").inner_text() == "too large"
        opacity = "(one) => getComputedStyle(one).opacity"
        assert [page.eval_on_selector(one, opacity) for one in (".measures", ".charts")] == ["0.55", "0.55"]
        page.select_option("select[name=instance]", "three-models")
        page.wait_for_selector(".chip", state="detached")
        assert page.inner_text("h2.name") == "three-models"
        assert page.query_selector("td, [data-equation], .laboratory:not([hidden])") is None
    slide(page, "bandwidth", 20)
    settled(page, bandwidth=20)
    assert page.query_selector("[data-equation=in_time].binds, [data-equation=in_time].loose")
    assert page.query_selector('.laboratory:not([hidden]) input[name="switch"]')
    assert not page.is_visible(".message")


def test_a_drag_that_breaks_nothing_is_feasible_and_a_slider_solves_anew(page):
    chart = '.chart[data-role="optimum"]'
    drag(page, f'{chart} .row[data-target="0"] .chip >> nth=0', f"{chart} .tray")
    assert page.wait_for_selector(f"{chart} .verdict.feasible").inner_text() == "Feasible: this plan is worth 20."
    slide(page, "requests", 24)
    settled(page, requests=24)
    assert not page.query_selector(".verdict")


def test_a_chip_is_moved_by_keys_too(page):
    chart = '.chart[data-role="heuristic"]'
    page.focus(f"{chart} .row .chip >> nth=0")
    page.keyboard.press("Enter")
    assert page.query_selector(f"{chart} .chip.picked")
    page.keyboard.press("Escape")
    assert not page.query_selector(".picked")
    page.keyboard.press("Enter")
    page.focus(f"{chart} .tray")
    page.keyboard.press("Enter")
    assert page.wait_for_selector(f"{chart} .verdict.feasible")


def test_a_bad_instance_gives_a_message_and_the_former_stays(page, tmp_path: Path):
    before = charts(page)
    bad = tmp_path / "bad.json"
    bad.write_text(render(partload.read("three-models")).replace("deadline_s", "due_s", 1), encoding="utf-8")
    page.set_input_files('input[name="file"]', bad)
    page.wait_for_selector(".message:not([hidden])")
    assert page.text_content(".message").startswith("bad.json: requests[0].")
    assert charts(page) == before
    slide(page, "bandwidth", 20)
    settled(page, bandwidth=20)
    assert page.is_hidden(".message")
    good = tmp_path / "good.json"
    partload.write(partload.read("three-models").replace(name="mine"), good)
    page.set_input_files('input[name="file"]', good)
    page.wait_for_selector(".name:text-is('mine')")
    settled(page)
    assert charts(page) == expected(page, State(name="three-models"))


def test_a_file_is_dropped_or_pasted(page):
    text = render(partload.read("three-models").replace(name="dropped"))
    page.evaluate(
        """(text) => { const data = new DataTransfer();
          data.items.add(new File([text], "mine.json", { type: "application/json" }));
          document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true })); }""",
        text,
    )
    page.wait_for_selector(".name:text-is('dropped')")
    page.evaluate(
        """() => { const data = new DataTransfer(); data.setData("text", "{}");
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true })); }"""
    )
    page.wait_for_selector(".message:not([hidden])")
    assert page.text_content(".message") == "pasted text: format: expected this key, it is missing"


def test_what_is_chosen_is_shown(page):
    page.select_option('select[name="heuristic"]', "first-come")
    page.wait_for_selector("h2:text-is('Heuristic: first-come')")
    assert float(numbers(page, "heuristic")["objective"]) == partload.solve("edge-demo", "first-come").objective
    page.select_option('select[name="formulation"]', "slot")
    page.wait_for_selector("h3:text-is('slot: exact')")
    marks = answers.explained(partload.read("edge-demo"), "slot")["marks"]
    bound = page.eval_on_selector_all("[data-equation].binds", "all => all.map((one) => one.dataset.equation)")
    assert sorted(bound) == sorted(name for name, mark in marks.items() if mark["kind"] == "binds")
    page.select_option('select[name="instance"]', "slide-overlap")
    page.wait_for_selector("h3:text-is('provisioning: exact')")
    assert charts(page) == expected(page, State(name="slide-overlap"))


def test_a_program_that_has_ended_is_named(context):
    with served(State(name="three-models")) as port:
        page = opened(context, f"http://127.0.0.1:{port}/")
    slide(page, "bandwidth", 10)
    page.wait_for_selector(".message:not([hidden])")
    assert "is 'partload explore' still running?" in page.text_content(".message")
    assert page.query_selector(".charts.former")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
@pytest.mark.parametrize("name", ["edge-demo", "slide-cell-20"])
def test_nothing_overlaps(context, address: str, name: str, size: tuple[int, int], scheme: str):
    page = opened(context, address)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.select_option('select[name="instance"]', name)
    page.wait_for_selector(f".name:text-is('{name}')")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    assert page.evaluate(OVERLAPS) == []


def test_the_speed_of_the_page_is_measured(page):
    found = explore_speed.times_ms(page, 5)
    assert len(found) == 5
    assert min(found) > 0
    assert int(page.get_attribute("body", "data-draws")) >= 5


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "explore"
    static.write(folder)
    return folder


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
@pytest.mark.parametrize("name", static.EXAMPLES)
def test_the_page_without_a_server(context, pages: Path, name: str, size: tuple[int, int]):
    page = opened(context, (pages / name).as_uri())
    page.set_viewport_size({"width": size[0], "height": size[1]})
    state = State(name=static.EXAMPLES[name])
    assert charts(page) == expected(page, state)
    slide(page, "deadline", 2)
    settled(page, deadline=2)
    slide(page, "bandwidth", 1)
    settled(page, bandwidth=1)  # The other one went back.
    full = next(one for one in state.sliders if one.parameter == "bandwidth")
    value = static.thinned(full).stops[1].value
    place = [stop.value for stop in full.stops].index(value)
    assert charts(page) == expected(page, State(name=state.name, positions={"bandwidth": place}))
    assert page.evaluate(OVERLAPS) == []
    assert not page.query_selector(".picked")


def cells(page, row: int) -> dict[str, str]:
    found = page.query_selector_all(f".log tbody tr:nth-child({row}) td")
    return {cell.get_attribute("data-measure"): cell.text_content() for cell in found}


def test_a_switch_changes_bound_point_and_time(page):
    page.select_option('select[name="instance"]', "general-9x30")
    page.wait_for_selector(".name:text-is('general-9x30')")
    settled(page)
    page.click(".relax")
    page.wait_for_selector(".log tbody tr")
    page.check('input[value="subtours"]')
    page.wait_for_selector(".log tbody tr:nth-child(2)")
    with_cuts, without = cells(page, 1), cells(page, 2)
    assert float(with_cuts["LP value"]) < float(without["LP value"])
    assert int(with_cuts["cuts"]) > int(without["cuts"]) == 0
    assert with_cuts["LP time"] != without["LP time"]
    assert page.text_content(".fractional h3").startswith(f"{with_cuts['fractional']} variables")
    assert page.evaluate(OVERLAPS) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(OVERLAPS) == []
    slide(page, "bandwidth", 20)
    settled(page, bandwidth=20)
    assert not page.query_selector(".log tr")


def test_the_laboratory_without_a_server(context, pages: Path):
    page = opened(context, (pages / "partial-loading.html").as_uri())
    page.click(".relax")
    page.uncheck('input[value="order"]')
    page.wait_for_selector(".log tbody tr:nth-child(2)")
    assert float(cells(page, 1)["LP value"]) >= float(cells(page, 2)["LP value"])
    slide(page, "bandwidth", 1)
    page.wait_for_selector(".laboratory", state="hidden")
