"""What somebody typed, read: words, “quotes” and -minus; names of skills in any spelling; and slips of the finger.

`read` gives an `Asked`, whose `query` is an expression of PostgreSQL's text search (with its parameters) that is
safe for any input whatever. Everything is bounded: characters, words, and the work done for each of them.
"""

import re
from dataclasses import dataclass, field

from django.db import connection

from accounts.skills import names
from accounts.skills import queries as vocabulary
from marketplace.ground import clock

from . import languages
from .filters import tidy
from .reading import mark

MAX_WORDS = 12
PIECE = re.compile(r'(-?)"([^"]*)"|(-?)([^\s"]+)')
LONGEST_NAME = 4  # words in the name of a skill
PREFIX_FROM = 3  # letters that a beginning of a word needs
COMPLETIONS = 5
BEGUN = 3  # skills that a beginning of a name may stand for


@dataclass(frozen=True)
class Asked:
    """A text query.

    matches, titles: in about how many open projects it stands, and in how many titles and lists of skills; None when
    nobody knows.
    """

    text: str
    words: tuple[str, ...] = ()  # plain ones, as typed
    skills: tuple[int, ...] = ()  # that it names
    skill_names: tuple[str, ...] = ()
    instead: str = ""  # how it was read, when a word was taken for a slip
    negative: bool = False  # some words must not be there
    parts: tuple[tuple[str, tuple], ...] = field(default=(), repr=False)
    matches: int | None = None
    titles: int | None = None

    @property
    def query(self) -> tuple[str, list]:
        """SQL of type `tsquery`, and its parameters."""
        if not self.parts:
            return "''::tsquery", []
        return " || ".join(sql for sql, _ in self.parts), [
            value for _, values in self.parts for value in values
        ]


def pieces(text: str) -> list[tuple[bool, bool, str]]:
    """`[(without, quoted, words)]` in the order typed; empty ones are left out."""
    found = []
    for minus_quote, quoted, minus, word in PIECE.findall(text):
        body = word or quoted
        if re.search(r"\w", body):
            found.append((bool(minus_quote or minus), not word, body))
    return found[:MAX_WORDS]


def read(text: str) -> Asked:
    """The query that `text` stands for. Costs one small query for the words and one for the names of skills."""
    text = tidy(text)
    parts = pieces(text)
    plain = [body for without, quoted, body in parts if not without and not quoted]
    if not parts:
        return Asked(text)
    named = _skills_in(plain)
    skills = named or _skills_begun(plain)
    looked = _look_up([*plain, *(mark(skill.pk) for skill in skills.values())])
    found = dict(zip(plain, looked, strict=False))
    negative = any(without for without, _, _ in parts)
    simple = all(not quoted and not without for without, quoted, _ in parts)
    unknown = [word for word in found if found[word].documents is None and not _covered(word, named)]
    matches, titles = _matches(found, looked[len(plain) :], together=bool(named))
    sql, instead = [_whole(text)], ""
    if unknown and simple:
        sql.append(_beginnings(plain, {word: found[word].meant for word in unknown}))
        slips = {word: found[word].slip for word in unknown if found[word].slip and not found[word].longer}
        instead = " ".join(slips.get(word, word) for word in plain) if slips else ""
    if skills and simple:
        sql.append(_skill_query(skills, any_of=not named))
    return Asked(
        text,
        tuple(plain),
        tuple(skill.pk for skill in skills.values()),
        tuple(skill.name for skill in skills.values()),
        instead,
        negative,
        tuple(sql),
        matches,
        titles,
    )


def _matches(found: dict[str, "Looked"], marks: list["Looked"], together: bool) -> tuple[int, int]:
    """In about how many projects, and titles, the words stand together, or the skills are asked for; never too few by much."""
    forms = [form for looked in found.values() if looked.documents is None for form in looked.meant]
    each = dict(zip(forms, _look_up(forms), strict=True)) if forms else {}

    def of(looked: Looked, name: str) -> int:
        if looked.documents is None:
            return sum(getattr(each[form], name) or 0 for form in looked.meant)
        return getattr(looked, name) or 0

    numbers = []
    for name in ("documents", "titles"):
        words = min((of(looked, name) for looked in found.values()), default=0)
        skills = [getattr(looked, name) or 0 for looked in marks]
        numbers.append(max(words, (min(skills) if together else sum(skills)) if skills else 0))
    return numbers[0], numbers[1]


def _whole(text: str) -> tuple[str, tuple]:
    """The text as typed, in every language that the site reads."""
    read_in = languages.asked()
    return " || ".join("websearch_to_tsquery(%s::regconfig, %s)" for _ in read_in), tuple(
        value for name in read_in for value in (name, text)
    )


def _beginnings(plain: list[str], fixed: dict[str, list[str]]) -> tuple[str, tuple]:
    """Every word, and those that nobody wrote as what they may be: a longer word, or the one that was meant."""
    groups, values = [], []
    for word in plain:
        forms = fixed.get(word)
        if forms is None or not forms:
            bare = re.sub(r"\W+", "", word.lower())
            start = forms is not None and len(bare) >= PREFIX_FROM
            groups.append("to_tsquery('simple', %s)" if start else "plainto_tsquery(%s::regconfig, %s)")
            values += [f"{bare}:*"] if start else [languages.asked()[0], word]
        else:
            groups.append("(" + " || ".join("plainto_tsquery(%s::regconfig, %s)" for _ in forms) + ")")
            values += [value for form in forms for value in (languages.asked()[0], form)]
    return "(" + " && ".join(groups) + ")", tuple(values)


def _skill_query(skills: dict, any_of: bool) -> tuple[str, tuple]:
    marks = dict.fromkeys(mark(skill.pk) for skill in skills.values())
    return "%s::tsquery", ((" | " if any_of else " & ").join(marks),)


# --- names of skills -----------------------------------------------------------------------------------------
def _skills_in(plain: list[str]) -> dict[str, object]:
    """`{words: skill}` for the names of skills among the words, the longest first, none twice."""
    if not plain:
        return {}
    spans = [
        (start, stop)
        for length in range(min(LONGEST_NAME, len(plain)), 0, -1)
        for start in range(len(plain) - length + 1)
        for stop in (start + length,)
    ]
    texts = {span: " ".join(plain[span[0] : span[1]]) for span in spans}
    usable = {span: text for span, text in texts.items() if len(names.normal(text)) > 1 or len(plain) == 1}
    meant = vocabulary.resolve_many(usable.values())
    taken, found = set(), {}
    for span, text in usable.items():
        skill = meant.get(text)
        if skill and not taken & set(range(*span)):
            taken |= set(range(*span))
            found[text] = skill
    return found


def _skills_begun(plain: list[str]) -> dict[str, object]:
    """When the words name no skill: the few skills whose name begins so, or has a word in it that does."""
    text = " ".join(plain)
    if len(names.normal(text)) <= PREFIX_FROM:
        return {}
    return {skill.name: skill for skill in vocabulary.suggest(text, BEGUN)}


def _covered(word: str, skills: dict) -> bool:
    return any(word in text.split() for text in skills)


# --- words ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Looked:
    """What the open projects know of a word.

    documents, titles: with the word's stem; None when no open project has it. Else what it may be the beginning of, or mean.
    """

    documents: int | None
    titles: int | None = None
    longer: tuple[str, ...] = ()
    slip: str = ""

    @property
    def meant(self) -> list[str]:
        return [*self.longer, *([self.slip] if self.slip else [])]


def _look_up(plain: list[str]) -> list[Looked]:
    """What the open projects know of each word, in one query."""
    if not plain:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM search_look(%s)", [[word.lower() for word in plain]])
        rows = cursor.fetchall()
    return [
        Looked(number, titles, tuple(longer or ()), _slip(word.lower(), near or []))
        for word, (number, titles, longer, near) in zip(plain, rows, strict=True)
    ]


def _slip(word: str, near: list[str]) -> str:
    """The one of `near` (the commonest first) that `word` is a slip of, if any."""
    distances = [(names.slip(word, other), place, other) for place, other in enumerate(near)]
    distance, _, best = min(distances, default=(9, 0, ""))
    return best if distance <= (2 if len(word) >= 8 else 1) else ""


COMMON = 20  # projects with a word from which it surely still stands in one that is open
COMPLETE = """
SELECT word FROM (
    SELECT word, documents FROM projects_searchword WHERE word LIKE %s ORDER BY documents DESC LIMIT %s
) w WHERE documents = 0 OR documents > %s OR EXISTS (
    SELECT 1 FROM projects_openproject o
    WHERE o.listed_until > %s AND o.tsv @@ (plainto_tsquery(%s::regconfig, w.word) || plainto_tsquery('simple', w.word))
) ORDER BY documents DESC LIMIT %s
"""


def _completions(word: str) -> list[str]:
    """The words most often written that begin so. Words are counted by the hour; a rare one is looked up, because the
    project that it stood in may have been closed or hidden since."""
    if len(word) < PREFIX_FROM or not word.isalnum():
        return []
    with connection.cursor() as cursor:
        read_in = languages.asked()[0]
        cursor.execute(COMPLETE, [word + "%", COMPLETIONS * 4, COMMON, clock.now(), read_in, COMPLETIONS])
        return [found for (found,) in cursor.fetchall()]


def suggest(prefix: str, limit: int = 8) -> list[str]:
    """For the box while somebody types: names of skills first, then words of open projects."""
    prefix = tidy(prefix).lower()
    if not prefix:
        return []
    skills = [skill.name for skill in vocabulary.suggest(prefix, limit)]
    last = prefix.split()[-1]
    before = prefix[: len(prefix) - len(last)]
    found = [before + word for word in (_completions(last) if len(skills) < limit else [])]
    return list(dict.fromkeys([*skills, *found]))[:limit]


def any_of(asked: Asked) -> Asked:
    """The same words, any one of which is enough."""
    read_in = languages.asked()[0]
    sql = " || ".join("plainto_tsquery(%s::regconfig, %s)" for _ in asked.words)
    values = tuple(value for word in asked.words for value in (read_in, word))
    return Asked(asked.text, asked.words, asked.skills, asked.skill_names, parts=((sql, values),))
