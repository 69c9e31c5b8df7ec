"""How long ``partload explore`` takes from the move of a slider to the new charts on the page.

python -m partload.benchmarks.explore_speed [INSTANCE ...] [--moves 50]

Starts the page and moves its sliders in Chromium, which Playwright drives (``pip install playwright``; Chromium comes
from the system). A move waits for the charts of the one before it. The time ends with the frame that shows them.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

INSTANCES = ("edge-demo", "slide-cell-20", "general-12x40", "backbone-12x40")
MOVES = 50
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
MOVE = """([name, position]) => new Promise((done) => {
  const slider = document.querySelector(`input[name="${name}"]`);
  const since = performance.now();
  const seen = new MutationObserver(() => {
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - since)));
  });
  seen.observe(document.body, { attributeFilter: ["data-draws"] });
  slider.value = position;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
})"""
"""Moves a slider; its result is the time in milliseconds until the charts are drawn."""


def times_ms(page: Page, moves: int, seed: int = 0) -> list[float]:
    """Times of moves of sliders that are drawn at random, in milliseconds."""
    draw = random.Random(seed)
    names = page.eval_on_selector_all(".slider input", "all => all.map((one) => [one.name, Number(one.max)])")
    found = []
    for _ in range(moves):
        name, last = draw.choice(names)
        found.append(float(page.evaluate(MOVE, [name, draw.randint(0, last)])))
    return found


def measure(instance: str, moves: int) -> list[float]:
    """Times on the page of one instance."""
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None:
        raise SystemExit("explore_speed: expected Chromium on the PATH: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    command = [sys.executable, "-m", "partload", "explore", instance, "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        try:
            address = serving.stdout.readline().partition(" ")[0]
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                page.goto(address)
                page.wait_for_selector("body[data-explained]")
                found = times_ms(page, moves)
                browser.close()
        finally:
            serving.terminate()
    return found


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m partload.benchmarks.explore_speed", description=main.__doc__)
    parser.add_argument("instances", nargs="*", default=INSTANCES, metavar="INSTANCE", help="instances of the library")
    parser.add_argument("--moves", type=int, default=MOVES, help="moves for each instance [50]")
    asked = parser.parse_args()
    print("| instance | moves | median [ms] | 9 of 10 within [ms] | longest [ms] |\n|---|---|---|---|---|")
    for instance in asked.instances:
        found = measure(instance, asked.moves)
        ninth = statistics.quantiles(found, n=10)[-1]
        print(f"| {instance} | {len(found)} | {statistics.median(found):.0f} | {ninth:.0f} | {max(found):.0f} |")


if __name__ == "__main__":
    main()
