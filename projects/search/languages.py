"""Which dictionary reads a text. PostgreSQL brings stemming for some thirty languages; a site names those that it uses.

`SEARCH_LANGUAGES` (default: english) are configurations of PostgreSQL's text search. A text is read with the one
whose small words it is full of; a text in another language is indexed word for word (`simple`).
"""

import re

from django.conf import settings

SIMPLE = "simple"
# The words by which a language is told, chosen so that no two lists share much.
SMALL_WORDS = {
    "english": "the and for with you that this are from will have what your our into not",
    "german": "der die das und mit für nicht wir sie ist auf eine einen dem zum werden",
    "french": "le les des et pour avec vous nous une dans est sur pas aux qui sont",
    "spanish": "el los las y para con una por nuestro que está más sus del como ustedes",
    "italian": "il gli che per con una della nostro sono non alla nel questo degli anche più",
    "portuguese": "os as e para com uma não você dos nas nosso em mais são pelo também",
    "dutch": "het een en voor met wij niet van zijn op onze deze worden naar bij jullie",
}
_SETS = {name: frozenset(words.split()) for name, words in SMALL_WORDS.items()}
ENOUGH = 3  # small words; with fewer the text is too short to tell


def of(text: str) -> str:
    """The configuration that reads `text`: one of the site's languages, or `simple`."""
    words = re.findall(r"\w+", text.lower())[:300]
    counted = {name: sum(word in known for word in words) for name, known in _SETS.items()}
    best = max(counted, key=counted.get)
    if counted[best] < ENOUGH:
        return settings.SEARCH_LANGUAGES[0]
    return best if best in settings.SEARCH_LANGUAGES else SIMPLE


def asked() -> list[str]:
    """The configurations in which a query is read: what fits any of them is found."""
    return [*settings.SEARCH_LANGUAGES, SIMPLE]
