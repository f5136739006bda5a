"""`docs/money.md`: what is written by hand, and between markers what the tables of the code say."""

import re

from django.conf import settings

from payments.ledger.chart import CHART, DEBIT

from . import state_pages

PAGE = settings.BASE_DIR / "docs" / "money.md"


def part(name: str) -> re.Pattern:
    return re.compile(rf"(<!-- {name}: written by .*? -->\n)(.*?)(<!-- end of {name} -->)", re.DOTALL)


def fill(text: str, name: str, found: str) -> str:
    """`text` with what stands between the markers of `name` replaced."""
    pattern = part(name)
    if not pattern.search(text):
        raise ValueError(f"docs/money.md has no place for {name}")
    return pattern.sub(lambda match: f"{match[1]}\n{found.strip()}\n\n{match[3]}", text)


def states() -> str:
    """A diagram for each machine of money, one heading lower than on the page of all states."""
    machines = [model for model in state_pages.machines() if model._meta.app_label == "payments"]
    return "\n".join(state_pages.section(model).replace("\n## ", "\n### ") for model in machines)


def chart() -> str:
    rows = ["| account | stands on | guarded | one for | what it is |", "| --- | --- | --- | --- | --- |"]
    for name, kind in CHART.items():
        side = "debit" if kind.sign == DEBIT else "credit"
        guarded, each = "yes" if kind.guarded else "", "each" if kind.keyed else "the house"
        rows.append(f"| `{name}` | {side} | {guarded} | {each} | {kind.words} |")
    return "\n".join(rows)


def page() -> str:
    """The page with its tables as the code has them now; the example is kept as it stands."""
    text = PAGE.read_text()
    for name, found in (("states", states()), ("chart", chart())):
        text = fill(text, name, found)
    return text
