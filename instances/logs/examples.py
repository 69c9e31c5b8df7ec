"""Small logs to try things with: drawn from a seed, in any of the known formats, or cut from a public one.

python -m partload.instances.logs.examples own --requests 200 --models birds,cars --seed 0 > log.csv
python -m partload.instances.logs.examples shipped > log.csv

``shipped`` is the beginning of the Azure LLM inference trace 2023; ``ATTRIBUTION.md`` beside this file has its licence
and its authors. No line of the others is of a real log.
"""

from __future__ import annotations

import argparse
import datetime
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from partload.instances.logs.formats import FORMATS

SHIPPED = Path(__file__).with_name("azure-llm-2023-code.csv")
START = datetime.datetime(2023, 11, 16, 18, 15)


def example(
    name: str, requests: int, seed: int, per_s: float = 2.0, models: Sequence[str] = ("ChatGPT", "GPT-4")
) -> str:
    """The text of a log: Poisson arrivals, models by falling popularity, the n-th in proportion to 1/n."""
    draw, time_s = random.Random(seed), 0.0
    popularity = [1 / place for place in range(1, len(models) + 1)]
    rows = [",".join(FORMATS[name].header if name != "own" else ("arrival_s", "model", "input_bits"))]
    for _ in range(requests):
        time_s = round(time_s + draw.expovariate(per_s), 3)
        model, tokens, answer = (
            draw.choices(models, popularity)[0],
            int(draw.lognormvariate(6, 0.8)) + 1,
            draw.randint(1, 400),
        )
        kind = draw.choice(("Conversation log", "API log"))
        end_s = f"{time_s + answer / 1000:.3f}"
        rows.append(
            {
                "azure-functions-2021": f"app,{model},{end_s},{answer / 1000}",
                "azure-llm-2023": f"{START + datetime.timedelta(seconds=time_s)},{tokens},{answer}",
                "burstgpt": f"{time_s},{model},{tokens},{answer},{tokens + answer},{kind}",
                "own": f"{time_s},{model},{32 * tokens}",
            }[name]
        )
    return "\n".join(rows) + "\n"


def main() -> None:
    """Print a log."""
    parser = argparse.ArgumentParser(description="Print a small log: drawn from a seed, or cut from a public one.")
    parser.add_argument("format", choices=[*FORMATS, "shipped"])
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--per-second", type=float, default=2.0, help="requests per second")
    parser.add_argument("--models", default="ChatGPT,GPT-4", help="names of models, the most popular first")
    asked = parser.parse_args()
    if asked.format == "shipped":
        text = SHIPPED.read_text(encoding="utf-8")
    else:
        text = example(asked.format, asked.requests, asked.seed, asked.per_second, asked.models.split(","))
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
