"""What people type, freed of characters that are no text: they cannot be stored, or they trick the eye."""

import re
import unicodedata

# Controls except tab and line end; the overrides and isolates that turn the order of other people's words around.
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters by category that show nothing


def plain(text: str) -> str:
    """`text` with one kind of line end and without controls and bidirectional overrides; space is left alone."""
    return _NO_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing: spaces and invisible characters only."""
    return all(
        c.isspace() or c in _BLANK_LETTERS or unicodedata.category(c) in ("Cc", "Cf", "Mn") for c in text
    )


def written(text: str) -> str:
    """`plain(text)` without space around it, and empty when a reader would see nothing."""
    text = plain(text).strip()
    return "" if is_blank(text) else text
