"""Finding phrases in what people write: fast on long texts, and slow to accuse.

A phrase hangs on a *hook*, a whole word that must be there. A text is cut into words once; a phrase is tried
only where its hook stands, and looks a short way back and ahead, so the time grows with the length of the
text and never with its square. Two guards keep innocent sentences out: a negation just before ("no driving",
"we never ask for passwords") and the phrase book's own `unless`.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

MAX_CHARS = 20_000
BEFORE, AROUND = 48, 64
SENTENCE_END = re.compile(r"[.!?](?=\s)\s*|\n\s*\n")

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
LOOKALIKES = str.maketrans({"‘": "'", "’": "'", "‐": "-", "‑": "-", "–": "-", "—": "-", " ": " "})
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
NEGATION = re.compile(
    r"\b(?:no|not|never|nor|without|avoid|avoids|don't|doesn't|won't|isn't|aren't|can't|cannot|instead of"
    r"|rather than|free of|nobody|nothing|leave out|exclude|excluding)\b(?! only)"
    r"(?:(?!,\s{0,3}(?:so|but|you|we|i|please|this|it|just|then|yet)\b)[^.!?;:\n]){0,32}$",
    re.IGNORECASE,
)


class Text:
    """One written field, tidied and cut into words."""

    def __init__(self, raw: str):
        tidy = unicodedata.normalize("NFKC", raw[:MAX_CHARS])
        self.raw = INVISIBLE.sub("", tidy).translate(LOOKALIKES)

    @cached_property
    def words(self) -> list[tuple[str, int]]:
        """(lower-case word, where it starts)."""
        return [(found.group().lower(), found.start()) for found in WORD.finditer(self.raw)]

    @cached_property
    def hooks(self) -> dict[str, list[int]]:
        """Where each word stands."""
        where: dict[str, list[int]] = {}
        for word, start in self.words:
            where.setdefault(word, []).append(start)
        return where

    def __contains__(self, word: str) -> bool:
        return word in self.hooks


@dataclass(frozen=True)
class Phrase:
    before: re.Pattern | None
    after: re.Pattern


class Phrases:
    """A book of phrases, one a line: `before << hook, other hook : after`.

    A hook is a word, or several ("able-bodied", "must be"). `before` is a list of what may stand right before
    the hook, an article between them or not; `after` stands right behind it, with a `~` in front when not
    even a space comes between. Both are regular expressions and may be left out; a space in them stands for
    one to three spaces, hyphens or line breaks, and ` ?` for none to three. `unless` is looked for in a hit
    and 64 characters each side, within its sentence. `negatable=False` where the phrase itself is the refusal ("no foreigners").
    """

    def __init__(self, book: str, unless: str = "", negatable: bool = True):
        self.by_hook: dict[str, list[Phrase]] = {}
        self.unless = re.compile(_spaces(unless), re.IGNORECASE) if unless else None
        self.negatable = negatable
        for line in filter(None, map(str.strip, book.splitlines())):
            before, _, rest = line.rpartition(" << ")
            hooks, _, after = rest.partition(" : ")
            for hook in hooks.split(","):
                self._add(before.strip(), hook.strip().lower(), after.strip())

    def _add(self, before: str, hook: str, after: str) -> None:
        first, *others = re.split(r"[\s-]+", hook)
        if not all(WORD.fullmatch(word) for word in (first, *others)):
            raise ValueError(f"“{hook}” is not made of words.")
        ends = _spaces("|".join(before.split(", ")))
        behind = "".join(f" {word}" for word in others) + _lead(after)
        self.by_hook.setdefault(first, []).append(
            Phrase(
                re.compile(rf"(?<!\w)(?:{ends})(?:\s(?:an?|the|some))?[\s\-]{{0,3}}$", re.IGNORECASE)
                if before
                else None,
                re.compile(rf"{_spaces(behind)}(?!\w)", re.IGNORECASE),
            )
        )

    def find(self, text: Text) -> str:
        """The first words in `text` that one of the phrases finds, or an empty string."""
        spots = [(start, hook) for hook in self.by_hook if hook in text.hooks for start in text.hooks[hook]]
        for start, hook in sorted(spots):
            for phrase in self.by_hook[hook]:
                span = self._match(phrase, text.raw, start, start + len(hook))
                if span:
                    return " ".join(text.raw[span[0] : span[1]].split())
        return ""

    def _match(self, phrase: Phrase, raw: str, start: int, end: int) -> tuple[int, int] | None:
        after = phrase.after.match(raw, end)
        if not after:
            return None
        first, last = start, after.end()
        if phrase.before:
            window = max(0, start - BEFORE)
            before = phrase.before.search(raw[window:start])
            if not before:
                return None
            first = window + before.start()
        if self.negatable and NEGATION.search(raw[max(0, first - BEFORE) : first]):
            return None
        if self.unless and self.unless.search(_sentence(raw, first, last)):
            return None
        return first, last


def _sentence(raw: str, first: int, last: int) -> str:
    """The hit with what stands around it in its own sentence: another one does not make it innocent."""
    before = SENTENCE_END.split(raw[max(0, first - AROUND) : first])[-1]
    behind = SENTENCE_END.split(raw[last : last + AROUND])[0]
    return before + raw[first:last] + behind


def _spaces(pattern: str) -> str:
    return pattern.replace(" ?", r"[\s\-]{0,3}").replace(" ", r"[\s\-]{1,3}")


def _lead(after: str) -> str:
    """What comes after a hook stands behind a space, unless it says with `~` how it begins."""
    if not after:
        return ""
    return after[1:] if after.startswith("~") else f"[',]? (?:{after})"
