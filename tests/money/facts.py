"""What a run has shown, in numbers: each test adds lines, `tests.money.check` sums them up.

`SCALE` is 1 in `make test` and larger in `make check-money`.
"""

import json
import os
import re

CASES = range(1, 34)
CASE = re.compile(r"test_case_(\d\d)_")
FILE = os.environ.get("FOOTHOLD_MONEY_FACTS", "")
WHOLE = bool(FILE)  # the whole proof rather than the sample that the suite takes


def amount(sample: int, whole: int) -> int:
    """How much of something to do: a sample in `make test`, the whole in `make check-money`."""
    return whole if WHOLE else sample


def some(choices, sample: int = 1) -> list:
    """The first few of `choices` in `make test`, all of them in `make check-money`."""
    return list(choices)[: amount(sample, 1_000)]


def tell(kind: str, **facts) -> None:
    """Add one line; processes append to the same file, a line at a time."""
    if FILE:
        with open(FILE, "a") as out:
            out.write(json.dumps({"kind": kind, **facts}) + "\n")
