"""`python -m tests.benchmarks [--size N] [--only WORDS]`: see the package."""

import argparse
import sys

from .registry import rows, run, summary
from .stand import Bench, Stand


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--size", type=int, default=1_000_000, help="projects and students")
    parser.add_argument(
        "--only", default="", help="rows whose group or words contain one of these, with commas between"
    )
    chosen = parser.parse_args()
    with Stand(chosen.size) as stand:
        import django

        django.setup()
        bench = Bench(stand)
        bench.fill(say, with_market=any(row.market != "own" for row in rows(chosen.only)))
        outcomes = run(bench, chosen.only, say)
    say(summary(outcomes))
    return 0 if outcomes and all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
