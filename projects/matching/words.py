"""The rare words of a text as numbers, so that two texts can be compared without reading them again.

A word falls into one of 32,768 buckets; a text is kept as the buckets of its words and how often each occurs. Rare buckets
count more. Two words that share a bucket are taken for one, which costs little at this size.
"""

import re
from collections import Counter
from math import log
from zlib import crc32

import numpy

BUCKETS = 1 << 15
LONGEST = 400  # words of a text that are read
STOP_WORDS = """
a about after all also an and any are as at be been but by can do each for from get has have how i if in into is it its
more most much my no not of on one or our out so some such than that the their them then there they this to two up us
use want was we what when which who will with work would you your
"""
STOP = frozenset(STOP_WORDS.split())
WORD = re.compile(r"[^\W\d_][\w+#]*")
ENDINGS = re.compile(r"(?:ations?|ings?|ments?|ers?|ies|ed|es|s|e|y)$")


def stem(word: str) -> str:
    """A word without its ending, as far as four letters are left: "designs", "designing", "designer" are one."""
    short = ENDINGS.sub("", word)
    return short if len(short) >= 4 else word


def pack(text: str) -> bytes:
    """`text` as it is stored: the numbers of its buckets, two bytes each and ascending, then how often each occurs."""
    words = [word for word in WORD.findall(text.casefold())[:LONGEST] if word not in STOP]
    counts = Counter(crc32(stem(word).encode()) % BUCKETS for word in words)
    ids = sorted(counts)
    return numpy.array(ids, "<u2").tobytes() + bytes(min(255, counts[i]) for i in ids)


def unpack(terms: bytes) -> tuple[numpy.ndarray, numpy.ndarray]:
    """(buckets, weight of each by how often it occurs)."""
    size = len(terms) // 3
    buckets = numpy.frombuffer(terms, "<u2", size)
    return buckets, 1 + numpy.log(numpy.frombuffer(terms, "u1", size, size * 2).astype("f4"))


def weights(texts: int, texts_with: numpy.ndarray) -> bytes:
    """How rare each bucket is, as half floats, from the number of texts it occurs in."""
    return numpy.log1p((texts - texts_with + 0.5).clip(0.5) / (texts_with + 0.5)).astype("<f2").tobytes()


def unknown_weights() -> numpy.ndarray:
    """Every word equally rare: what a new site begins with."""
    return numpy.full(BUCKETS, log(2), "f4")


def cosines(one: bytes, many: list[bytes], rare: numpy.ndarray) -> numpy.ndarray:
    """The cosine of `one` stored text with each of `many`; rare: the weight of each bucket."""
    if not many:
        return numpy.zeros(0, "f4")
    asked = numpy.zeros(BUCKETS, "f4")
    buckets, often = unpack(one)
    asked[buckets] = often * rare[buckets]
    length = numpy.sqrt((asked * asked).sum())
    parts = [unpack(terms) for terms in many]
    rows = numpy.repeat(numpy.arange(len(many)), [len(buckets) for buckets, _ in parts])
    buckets = numpy.concatenate([buckets for buckets, _ in parts])
    values = numpy.concatenate([often for _, often in parts]) * rare[buckets]
    dots = numpy.bincount(rows, values * asked[buckets], len(many))
    lengths = numpy.sqrt(numpy.bincount(rows, values * values, len(many)))
    return dots / numpy.maximum(lengths * length, 1e-9)
