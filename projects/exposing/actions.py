"""Writing down who was shown, and turning it into how much each person has been seen lately."""

from collections import defaultdict
from datetime import timedelta
from hashlib import sha256
from math import log2

from django.db import connection, transaction

from accounts.models import User
from marketplace.ground import clock, ids

from .models import OF_STUDENTS, ShownList, StudentExposure

HALF_LIFE = timedelta(days=84)  # a term: shorter ones forget who was passed over before their turn comes
FORGOTTEN = 4 * HALF_LIFE
KEPT = timedelta(days=84)  # the lists themselves; the figures of the weeks stay
QUALIFIED = 0.6  # of the best fit for the project: could as well have been shown
QUALIFIED_MOST = 200
AT_ONCE = 500

INSERT = """
    INSERT INTO projects_shownlist
        (public_id, key, kind, about, function, "order", start, shown, fits, qualified, newcomers, best, at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (key) DO NOTHING
"""


def weight(place: int) -> float:
    """How much of a look the `place` in a list gets, the first being 1: 1, 0.63, 0.5 ... (as in DCG)."""
    return 1 / log2(1 + place)


def log_list(
    kind: str,
    *,
    about: int,
    shown: list[tuple[int, float | None]],
    pool: list[tuple[int, float]] = (),
    function: str = "",
    reader: int = 0,
    start: int = 0,
    order: str = "",
) -> str:
    """Remember a list as it was shown; costs one statement, and one more for lists of students.

    about: key of the project whose students are listed, or of the user who sees projects. shown: (key, fit 0 to 1, or
    None when the list does not go by fit) in order. pool: the same for everybody who could have been there, best fit
    first. reader: who looked, so that looking again on the same day counts once. order: by what a list of projects was
    ordered. Returns the public id of a list of students, by which a place in it can be named.
    """
    now = clock.now()
    keys = [key for key, _ in shown]
    parts = (kind, about, reader, order, start, now.date().isoformat(), keys)
    key = sha256(repr(parts).encode()).hexdigest()[:40]
    pool = sorted(pool, key=lambda row: -row[1])
    line = QUALIFIED * pool[0][1] if pool else 0
    qualified = [user for user, fit in pool[:QUALIFIED_MOST] if fit >= line]
    newcomers = _newcomers({*keys, *qualified}) if kind in OF_STUDENTS else []
    best = [_thousandths(fit) for _, fit in pool[start : start + len(shown)]]
    fits = [_thousandths(fit) for _, fit in shown if fit is not None]
    public_id = ids.public_id()
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            (
                public_id,
                key,
                kind,
                about,
                function,
                order,
                start,
                keys,
                fits,
                qualified,
                newcomers,
                best,
                now,
            ),
        )
        if cursor.rowcount:
            return public_id
        if kind not in OF_STUDENTS:  # nobody names a place in it
            return ""
        cursor.execute("SELECT public_id FROM projects_shownlist WHERE key = %s", (key,))
        return cursor.fetchone()[0]


def _thousandths(fit: float) -> int:
    return max(0, min(1000, round(fit * 1000)))


def _newcomers(users: set[int]) -> list[int]:
    """Those of `users` who have finished nothing here yet (engagements belong to a later room)."""
    done = User.objects.filter(pk__in=users, engagements__state="completed").values_list("pk", flat=True)
    return sorted(users - set(done))


@transaction.atomic
def count_lists() -> int:
    """Add what was shown since the last time to each person's recent exposure; returns how many lists were counted.

    The lists are locked and marked in the same transaction, so that two workers count each once.
    """
    rows = list(
        ShownList.objects.select_for_update(skip_locked=True).filter(counted_at=None).order_by("pk")[:AT_ONCE]
    )
    if not rows:
        return 0
    now, gained = clock.now(), defaultdict(float)
    for row in rows:
        if row.kind in OF_STUDENTS:
            for place, user in enumerate(row.shown, row.start + 1):
                gained[user] += weight(place)
    _add(gained, now)
    ShownList.objects.filter(pk__in=[row.pk for row in rows]).update(counted_at=now)
    return len(rows)


def _add(gained: dict[int, float], now) -> None:
    present = set(User.objects.filter(pk__in=gained).values_list("pk", flat=True))
    users = sorted(present)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO projects_studentexposure AS e (student_id, seen, at)
            SELECT user_id, gain, %s FROM unnest(%s::bigint[], %s::float8[]) AS g (user_id, gain)
            ON CONFLICT (student_id) DO UPDATE SET
                seen = e.seen * power(0.5, extract(epoch FROM excluded.at - e.at) / %s) + excluded.seen,
                at = excluded.at
            """,
            (now, users, [gained[user] for user in users], HALF_LIFE.total_seconds()),
        )


def forget_old() -> int:
    """Delete lists past their time, and what is left of an exposure long ago; returns how many lists went."""
    now = clock.now()
    gone, _ = ShownList.objects.filter(at__lt=now - KEPT).exclude(counted_at=None).delete()
    StudentExposure.objects.filter(at__lt=now - FORGOTTEN).delete()
    return gone
