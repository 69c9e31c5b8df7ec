"""Small logs to try things with, drawn from a seed: no line is of a real log.

python -m partload.instances.logs.examples burstgpt --requests 200 --seed 0 > log.csv
"""

from __future__ import annotations

import argparse
import datetime
import random
import sys

from partload.instances.logs.formats import FORMATS

START = datetime.datetime(2023, 11, 16, 18, 15)


def example(name: str, requests: int, seed: int, per_s: float = 2.0) -> str:
    """The text of a log: Poisson arrivals, two models, the second asked for one time in four."""
    draw, time_s = random.Random(seed), 0.0
    rows = [",".join(FORMATS[name].header if name != "own" else ("arrival_s", "model", "input_bits"))]
    for _ in range(requests):
        time_s = round(time_s + draw.expovariate(per_s), 3)
        second, tokens, answer = draw.random() < 0.25, int(draw.lognormvariate(6, 0.8)) + 1, draw.randint(1, 400)
        kind = draw.choice(("Conversation log", "API log"))
        end_s, other = f"{time_s + answer / 1000:.3f}", "two" if second else "one"
        rows.append(
            {
                "azure-functions-2021": f"app,{other},{end_s},{answer / 1000}",
                "azure-llm-2023": f"{START + datetime.timedelta(seconds=time_s)},{tokens},{answer}",
                "burstgpt": f"{time_s},{'GPT-4' if second else 'ChatGPT'},{tokens},{answer},{tokens + answer},{kind}",
                "own": f"{time_s},{other},{32 * tokens}",
            }[name]
        )
    return "\n".join(rows) + "\n"


def main() -> None:
    """Print a log."""
    parser = argparse.ArgumentParser(description="Print a small log, drawn from a seed.")
    parser.add_argument("format", choices=FORMATS)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--per-second", type=float, default=2.0, help="requests per second")
    asked = parser.parse_args()
    sys.stdout.write(example(asked.format, asked.requests, asked.seed, asked.per_second))


if __name__ == "__main__":
    main()
