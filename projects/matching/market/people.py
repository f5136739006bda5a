"""Students and employers of the market, by COPY."""

import uuid
from datetime import datetime, timedelta

import numpy

from accounts.models import Membership, Organisation, StudentProfile, StudentSkill, User

from ..copying import Copy, text
from .skills import Skills
from .words import FIRST, LAST, PLACES, TRADES

BLOCK = 20_000
LEVELS = ("learning", "able", "strong")
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
NAMESPACE = uuid.UUID("5a2c1e1c-52a5-4f46-9a0c-7d6f3a1b9c11")


def public_id(kind: int, number: int, seed: int) -> str:
    """Twelve characters, another for every `number` of a `kind`; the same again for the same seed."""
    value = ((kind << 48 | number) * 0x9E3779B97F4A7C15 + seed * 0xD1B54A32D192ED03) % (1 << 60)
    return "".join(ALPHABET[value >> shift & 31] for shift in range(0, 60, 5))


def _person(number: int, seed: int, name: str, email: str, at: str, born: str) -> str:
    surrogate = uuid.uuid5(NAMESPACE, f"{seed}:{number}")
    return "\t".join(
        (str(number), "!", public_id(1, number, seed), str(surrogate), email, name, born, at, at)
    )


PERSON = (
    "id",
    "password",
    "public_id",
    "surrogate",
    "email",
    "name",
    "date_of_birth",
    "joined_at",
    "terms_accepted_at",
)


def make_students(
    count: int, first: int, skills: Skills, sentences: list[str], now: datetime, seed: int
) -> None:
    """`count` students with ids from `first`; profile and account carry the same number."""
    random = skills.random
    users = Copy(User, *PERSON)
    profiles = Copy(
        StudentProfile,
        *(
            "id",
            "user",
            "headline",
            "about",
            "programme",
            "graduates_in",
            "hours_free",
            "interests",
            "may_work",
        ),
        *("needs_sponsor", "open_to_invitations", "created_at", "updated_at"),
    )
    owned = Copy(StudentSkill, "id", "student", "skill", "level")
    names = {skill.pk: skill.name for skill in skills.by_slug.values()}
    next_owned = owned.next_id()
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        homes = skills.homes(size)
        drawn = skills.draw(homes, 14).tolist()
        wanted = numpy.clip(random.poisson(6, size), 1, 12).tolist()
        levels = random.choice(3, (size, 12), p=(0.25, 0.5, 0.25)).tolist()
        hours = random.choice(
            (2, 4, 6, 8, 10, 12, 15, 20), size, p=(0.04, 0.1, 0.16, 0.2, 0.22, 0.12, 0.1, 0.06)
        ).tolist()
        dice = random.random((size, 6))
        ages = random.integers(18 * 366, 27 * 365, size).tolist()
        said = random.integers(0, len(sentences), (size, 4)).tolist()
        joined = random.integers(1, 500, size).tolist()
        people, rows, links = [], [], []
        for i in range(size):
            number = first + start + i
            mine = list(dict.fromkeys(drawn[i]))[: wanted[i]]
            home, die = skills.functions[homes[i]], dice[i]
            at = text(now - timedelta(days=joined[i]))
            name = f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]}"
            born = text((now - timedelta(days=ages[i])).date())
            people.append(_person(number, seed, name, f"student{number}@market.example", at, born))
            interests = (
                [home]
                if die[0] < 0.7
                else [home, skills.functions[int(die[1] * 12)]]
                if die[0] < 0.85
                else []
            )
            about = " ".join(sentences[k] for k in said[i][: 1 + int(die[2] * 4)])
            rows.append(
                "\t".join(
                    (
                        *(str(number), str(number), f"{names[mine[0]]} and {names[mine[-1]]}"[:120]),
                        *(
                            about,
                            f"{home.capitalize()} studies",
                            str(now.year + int(die[1] * 4)),
                            str(hours[i]),
                        ),
                        text(list(dict.fromkeys(interests))),
                        *(
                            "yes" if die[3] < 0.8 else "no" if die[3] < 0.9 else "unsaid",
                            "no" if die[4] < 0.9 else "unsaid",
                        ),
                        *("t" if die[5] < 0.6 else "f", at, at),
                    )
                )
            )
            for place, skill in enumerate(mine):
                links.append(f"{next_owned}\t{number}\t{skill}\t{LEVELS[levels[i][place]]}")
                next_owned += 1
        users.write(people)
        profiles.write(rows)
        owned.write(links)
    for copy in (users, profiles, owned):
        copy.settle()


def make_employers(count: int, first_user: int, first: int, random, now: datetime, seed: int) -> None:
    """`count` organisations with ids from `first`, each with one owner, whose account has an id from `first_user`."""
    users = Copy(User, *PERSON)
    organisations = Copy(
        Organisation,
        *(
            "id",
            "public_id",
            "name",
            "sector",
            "size",
            "place",
            "created_by",
            "created_at",
            "verified_at",
            "proven_at",
        ),
    )
    members = Copy(Membership, "id", "organisation", "user", "role", "joined_at")
    sizes = Organisation.Size.values
    at = text(now - timedelta(days=200))
    first_member = members.next_id()
    for start in range(0, count, BLOCK):
        people, rows, links = [], [], []
        dice = random.random((min(BLOCK, count - start), 4))
        for i, die in enumerate(dice):
            number, user = first + start + i, first_user + start + i
            trade, place = TRADES[int(die[0] * len(TRADES))], PLACES[int(die[1] * len(PLACES))]
            people.append(
                _person(user, seed, f"Owner {number}", f"owner{user}@market.example", at, "1980-01-01")
            )
            rows.append(
                "\t".join(
                    (
                        *(str(number), public_id(2, number, seed), f"{place} {trade} {number}"[:120], trade),
                        *(sizes[int(die[2] * len(sizes))], place, str(user), at),
                        *((at, at) if die[3] < 0.7 else ("\\N", "\\N")),
                    )
                )
            )
            links.append(f"{first_member + start + i}\t{number}\t{user}\towner\t{at}")
        users.write(people)
        organisations.write(rows)
        members.write(links)
    for copy in (users, organisations, members):
        copy.settle()
