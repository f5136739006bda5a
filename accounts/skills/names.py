"""Comparing the names people type: what counts as the same, and what as a slip of the finger."""

import re
import unicodedata

SEPARATORS = re.compile(r"[^\w+#]+|_")
MAX_TYPED = 80


def normal(text: str, most: int = MAX_TYPED) -> str:
    """`"  Réact.JS "` -> `react js`: lower case, no accents, single spaces; `+` and `#` stay (C++, C#)."""
    folded = unicodedata.normalize("NFKD", text[:most]).casefold()
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    return " ".join(SEPARATORS.sub(" ", bare.replace("&", " and ")).split())


def closest(typed: str, known: list[str]) -> str:
    """The one name in `known` that `typed` is a slip of, or an empty string; both sides `normal`.

    Short names are near to many others ("rugby" is one letter from "ruby"), so the shorter the name, the
    smaller the slip that is believed: five letters, two swapped or one doubled; six, one slip; fourteen, two.
    """
    best = min(
        ((distance, name) for name in known if 0 < (distance := slip(typed, name)) <= _believed(typed, name)),
        default=None,
    )
    return best[1] if best else ""


def _believed(typed: str, name: str) -> int:
    if len(name) >= 14:
        return 2
    if len(name) >= 6:
        return 1
    same_letters = sorted(typed) == sorted(name) or _undoubled(typed) == _undoubled(name)
    return 1 if len(name) == 5 and same_letters else 0


def _undoubled(word: str) -> str:
    return re.sub(r"(.)\1", r"\1", word)


def slip(a: str, b: str, limit: int = 2) -> int:
    """Letters added, lost, changed or swapped from `a` to `b`; `limit` + 1 for anything further apart."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before, last = [], list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before, last = last, row
    return min(last[-1], limit + 1)
