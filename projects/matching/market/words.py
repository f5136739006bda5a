"""The words of the market: real ones from the templates first, then invented ones, as often as Zipf found."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import numpy

from projects.catalog import library

VOCABULARY, EXPONENT = 60_000, 1.07
SENTENCES = 60_000
_lists = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
ONSETS = _lists["onsets"]
VOWELS = _lists["vowels"]
CODAS = _lists["codas"]
FIRST = _lists["first"]
LAST = _lists["last"]
TRADES = _lists["trades"]
PLACES = _lists["places"]
STARTS = _lists["starts"]


def vocabulary(random: numpy.random.Generator) -> list[str]:
    """60,000 words, the most frequent first."""
    real = Counter()
    for template in library.all_templates():
        real.update(
            re.findall(r"[a-z]{2,}", f"{template.title} {template.summary} {template.outcome}".lower())
        )
    words = [word for word, _ in real.most_common()]
    seen = set(words)
    while len(words) < VOCABULARY:
        for _ in range(1000):
            parts = random.integers(2, 4)
            word = "".join(
                ONSETS[random.integers(len(ONSETS))] + VOWELS[random.integers(len(VOWELS))]
                for _ in range(parts)
            )
            word += CODAS[random.integers(len(CODAS))]
            if word not in seen:
                seen.add(word)
                words.append(word)
    return words[:VOCABULARY]


def sentences(random: numpy.random.Generator) -> list[str]:
    """Sentences of 7 to 15 words drawn by rank; a text is a handful of them."""
    words = vocabulary(random)
    weights = 1 / numpy.arange(1, len(words) + 1) ** EXPONENT
    lengths = random.integers(7, 16, SENTENCES)
    drawn = random.choice(len(words), lengths.sum(), p=weights / weights.sum())
    ends = numpy.cumsum(lengths)
    return [
        " ".join(words[i] for i in drawn[end - length : end]).capitalize() + "."
        for end, length in zip(ends, lengths, strict=True)
    ]


def without_blanks(words: str, trade: str) -> str:
    """A template's text with something in its [square brackets]."""
    return re.sub(r"\[[^\]]*\]", f"the {trade}", words)
