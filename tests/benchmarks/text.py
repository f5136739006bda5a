"""Text search: any word from rare to common, slips of the finger, and what queries for skills find."""

import random
import statistics
from math import log2

from django.db import connection

from accounts.skills.models import Skill
from projects.search import filters, listing, queries, words

from .registry import measure


def of_all_frequencies(number: int = 18) -> list[tuple[str, int]]:
    """Words of the market from rare to the commonest, evenly over the orders of magnitude."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (width_bucket(ln(stem_documents), 0, ln(%s), %s)) word, stem_documents "
            "FROM projects_searchword WHERE stem_documents > 0 AND documents > 0 AND length(word) > 3 "
            "ORDER BY width_bucket(ln(stem_documents), 0, ln(%s), %s), word",
            [2_000_000, number + 6, 2_000_000, number + 6],
        )
        return cursor.fetchall()


@measure(
    "a word, newest first, over 20 rows (the worst of rare to common)",
    group="text",
    most={50_000: 4, 1_000_000: 10},
    market="both",
)
def newest(bench):
    size, _ = queries.market()
    floor, costs = bench.twenty_rows(), {}
    for word, number in of_all_frequencies():
        f, asked = filters.read({"q": word, "sort": "newest"}), words.read(word)
        costs[word] = (
            bench.steady(lambda f=f, a=asked: listing.page(f, a, [], None, a.matches, size)) / floor,
            number,
        )
    worst = max(costs, key=costs.get)
    middle = statistics.median(cost for cost, _ in costs.values())
    return costs[worst][0], f"median {middle:.2g}, worst “{worst}” in {costs[worst][1]:,}"


@measure(
    "a word, by relevance, over 20 rows (the worst of rare to common)",
    group="text",
    most={50_000: 25, 1_000_000: 40},
    market="both",
)
def ranked(bench):
    size, _ = queries.market()
    floor, costs = bench.twenty_rows(), {}
    for word, number in of_all_frequencies():
        f, asked = filters.read({"q": word}), words.read(word)
        with listing.bounded():
            cost = bench.steady(lambda f=f, a=asked: listing.ranked(f, a, [], 0, a.matches, size))
        costs[word] = (cost / floor, number)
    worst = max(costs, key=costs.get)
    middle = statistics.median(cost for cost, _ in costs.values())
    return costs[worst][0], f"median {middle:.2g}, worst “{worst}” in {costs[worst][1]:,}"


# --- slips -----------------------------------------------------------------------------------------------------
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def slip(word: str, chance: random.Random) -> str:
    """`word` with one letter left out, doubled, changed, added or swapped with the next, the first letter kept."""
    place = chance.randrange(1, len(word) - 1)
    kind = chance.choice(("drop", "double", "change", "add", "swap"))
    before, letter, after = word[:place], word[place], word[place + 1 :]
    if kind == "drop":
        return before + after
    if kind == "double":
        return before + letter * 2 + after
    if kind == "change":
        return before + chance.choice(LETTERS.replace(letter, "")) + after
    if kind == "add":
        return before + letter + chance.choice(LETTERS) + after
    return before + after[0] + letter + after[1:]


def slips(number: int = 300) -> list[tuple[str, str]]:
    """`[(slip, the word meant)]`, of words that stand in at least 20 projects or in the name of a skill."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM projects_searchword WHERE (stem_documents >= 20 OR documents = 0) AND length(word) >= 6 "
            "AND word ~ '^[a-z]+$' ORDER BY word"
        )
        known = [word for (word,) in cursor.fetchall()]
        cursor.execute("SELECT word FROM projects_searchword")
        every = {word for (word,) in cursor.fetchall()}
    chance, found = random.Random(5), []
    while len(found) < number:
        word = chance.choice(known)
        wrong = slip(word, chance)
        if wrong not in every and wrong != word:
            found.append((wrong, word))
    return found


@measure("a misspelt word, over 20 rows", group="text", most=2, market="both")
def misspelt(bench):
    wrong = iter(slips(200) * 5)
    return bench.pg_cpu(lambda: words._look_up([next(wrong)[0]]), times=200) / bench.twenty_rows()


@measure("right suggestions for 300 slips, share", group="text", least=0.95, times=1, market="both")
def suggestions(bench):
    right, wrong = 0, []
    for typed, meant in slips():
        looked = words._look_up([typed])[0]
        if same_stem(meant, looked.meant):
            right += 1
        else:
            wrong.append(f"{typed} ({meant}): {', '.join(looked.meant) or 'nothing'}")
    return right / 300, "; ".join(wrong[:4])


def same_stem(meant: str, found: list[str]) -> bool:
    """Whether the word is among the suggestions, or another form of it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ts_lexize('english_stem', %s) IN (SELECT ts_lexize('english_stem', w) FROM unnest(%s::text[]) w)",
            [meant, found],
        )
        return bool(cursor.fetchone()[0])


# --- queries for skills ------------------------------------------------------------------------------------------
NATURAL = (
    "I want to practise {}",
    "projects where I can use {}",
    "looking for {} work",
    "something with {} please",
    "short {} project",
)


def skill_queries(number: int = 320) -> list[tuple[str, str, Skill]]:
    """`[(kind, query, the skill meant)]`: exact names, other names, slips, beginnings and sentences."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s FROM projects_openproject, unnest(skill_ids) s GROUP BY s HAVING count(*) >= 10 ORDER BY s"
        )
        used = [pk for (pk,) in cursor.fetchall()]
    skills = list(Skill.objects.filter(pk__in=used).order_by("pk"))
    taken = {name.lower() for skill in skills for name in (skill.name, *skill.aliases)}
    chance, found = random.Random(17), []
    kinds = ("exact", "alias", "typo", "prefix", "natural")
    while len(found) < number:
        skill, kind = chance.choice(skills), kinds[len(found) % len(kinds)]
        name = skill.name
        if kind == "alias":
            if not skill.aliases:
                continue
            name = chance.choice(skill.aliases)
        elif kind == "typo":
            longest = max(name.split(), key=len)
            if len(longest) < 6 or not longest.isalpha():
                continue
            name = name.replace(longest, slip(longest.lower(), chance))
            if name.lower() in taken:
                continue
        elif kind == "prefix":
            if len(name) < 7:
                continue
            name = name[: max(4, len(name) * 2 // 3)].strip()
        elif kind == "natural":
            name = chance.choice(NATURAL).format(name.lower())
        found.append((kind, name, skill))
    return found


def ndcg(grades: list[int], possible: int) -> float:
    best = sum(1 / log2(place + 2) for place in range(min(10, possible)))
    return sum(grade / log2(place + 2) for place, grade in enumerate(grades[:10])) / best if best else 1.0


@measure(
    "generated skill queries, nDCG@10 of projects that ask for the skill", group="text", least=0.85, times=1
)
def skill_quality(bench):
    by_kind: dict[str, list[float]] = {}
    for kind, query, skill in skill_queries():
        found = queries.browse({"q": query}, None)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM projects_openproject WHERE id = ANY(%s) AND skill_ids @> %s::int[]",
                [found.ids, [skill.pk]],
            )
            good = {pk for (pk,) in cursor.fetchall()}
        by_kind.setdefault(kind, []).append(ndcg([pk in good for pk in found.ids], 10))
    values = [value for those in by_kind.values() for value in those]
    words_ = ", ".join(f"{kind} {statistics.mean(those):.2f}" for kind, those in by_kind.items())
    return statistics.mean(values), words_


@measure("generated skill queries, share with no result", group="text", most=0.02, times=1)
def skill_empty(bench):
    asked = skill_queries()
    return sum(not queries.browse({"q": query}, None).rows for _, query, _ in asked) / len(asked)
