"""What settings of the slider cost and bring, as the fairness simulation measured it; see docs/matching.md.

The file is the simulation's own: `make bench ONLY=fairness` measures it anew and says when the two differ.
"""

import csv
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("tradeoff.csv")
COLUMNS = ("fit_kept", "gini", "seen", "newcomers_top", "newcomers_qualified")


@cache
def rows() -> tuple[dict, ...]:
    """For each setting measured, the weakest first: `strength` in hundredths of fit, the columns as shares of 1."""
    with FILE.open(newline="") as lines:
        return tuple(
            {"strength": int(row["strength"])} | {name: float(row[name]) for name in COLUMNS}
            for row in csv.DictReader(lines)
        )
