"""The rules that look for words. The words are data: `wordings/*.toml`, one table a rule.

rule, severity ("stop" or "improve"), what / why / suggestion (sentences; `what` may use {place} and {quote}),
phrases (a phrase book, see `phrases.py`), unless (patterns, one a line: what clears a hit when it stands near
it), settled_by (a phrase book: a hit anywhere in the brief settles the matter), only (prefixes of the fields
to read), when (brief attribute -> values for which the rule holds), negatable (false where "no ..." is the
fault itself). `[lists]` are word lists used as `<name>`.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .base import IMPROVE, RULES, STOP, Finding, Reading, place
from .phrases import Phrases

FOLDER = Path(__file__).parent / "wordings"


@dataclass(frozen=True)
class Wording:
    rule: str
    severity: str
    phrases: Phrases
    what: str
    why: str
    suggestion: str
    only: str = ""
    when: dict = field(default_factory=dict)
    settled_by: Phrases | None = None

    def __call__(self, reading: Reading) -> Iterator[Finding]:
        if any(getattr(reading.brief, name) not in values for name, values in self.when.items()):
            return
        if self.settled_by and any(reading.find(self.settled_by)):
            return
        for name, quote in reading.find(self.phrases, self.only):
            said = self.what.format(place=place(name), quote=quote)
            yield Finding(self.rule, self.severity, name, said, self.why, self.suggestion)


def load(folder: Path = FOLDER) -> list[Wording]:
    """Every wording in `folder`. Raises `ValueError` for an unknown severity or a rule named twice."""
    wordings = []
    for path in sorted(folder.glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        lists = {name: _either(words) for name, words in data.get("lists", {}).items()}
        wordings += [_wording(entry, lists) for entry in data["wording"]]
    return wordings


def _wording(entry: dict, lists: dict[str, str]) -> Wording:
    entry = dict(entry)
    book, unless = entry.pop("phrases"), entry.pop("unless", "")
    for name, pattern in lists.items():
        book, unless = book.replace(f"<{name}>", pattern), unless.replace(f"<{name}>", pattern)
    if entry["severity"] not in (STOP, IMPROVE):
        raise ValueError(f"{entry['rule']}: a severity is “{STOP}” or “{IMPROVE}”.")
    either = "|".join(rf"(?<!\w)(?:{line})" for line in unless.splitlines() if line.strip())
    settled = Phrases(entry.pop("settled_by"), negatable=False) if "settled_by" in entry else None
    phrases = Phrases(book, either, entry.pop("negatable", True))
    return Wording(phrases=phrases, settled_by=settled, **entry)


def _either(words: str) -> str:
    return (
        "(?:" + "|".join(re.sub(r"\s+", " ", word.strip()) for word in words.split(",") if word.strip()) + ")"
    )


for wording in load():
    if wording.rule in RULES:
        raise ValueError(f"Two rules are called {wording.rule}.")
    RULES[wording.rule] = wording
