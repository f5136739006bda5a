"""Making the read model anew, and finding out whether it is right.

`rebuild` fills a second table beside the one that is read, in steps that are committed one by one, so that an
interrupted run goes on where it stopped. What changes meanwhile is written to both. In the end the new table takes
the place of the old one in one transaction. The lists are never empty.
"""

import subprocess
import sys
from collections.abc import Callable

from django.conf import settings
from django.db import connection, transaction

from marketplace.ground import clock

from . import generation, reading, schema
from .reading import NEXT, TABLE

OLD = "projects_openproject_old"
STEP = 1_000
OPEN = """
FROM projects_project p JOIN accounts_organisation o ON o.id = p.organisation_id
WHERE p.state = 'published' AND p.paused_at IS NULL AND o.suspended_at IS NULL AND p.apply_by > %(now)s
"""


def rebuild(say: Callable[[str], None] = lambda _: None, parts: int = 1, fresh: bool = False) -> int:
    """Make all rows anew; returns how many there are.

    parts: processes that fill at the same time. fresh: begin again instead of going on where a run was interrupted.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        if fresh:
            cursor.execute(f"DROP TABLE IF EXISTS {NEXT}")
        if not reading.rebuilding(cursor):
            with transaction.atomic():
                cursor.execute(schema.make(NEXT))
                cursor.execute(schema.index(NEXT)[0])
        fill(0, 1, say) if parts == 1 else _fill_beside(parts)
        for statement in schema.index(NEXT)[1:]:
            say(statement.split(" ON ")[0].lower())
            cursor.execute(statement.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS"))
        cursor.execute(f"ANALYZE {NEXT}")
        number = swap()
        cursor.execute("RESET statement_timeout")
    generation.bump()
    return number


def fill(part: int, parts: int, say: Callable[[str], None] = lambda _: None) -> None:
    """Fill what is missing of the rows whose number leaves `part` when divided by `parts`."""
    last, done = 0, 0
    with connection.cursor() as cursor:
        while True:
            with transaction.atomic():
                cursor.execute("SET LOCAL statement_timeout = 0")
                cursor.execute(
                    f"SELECT id FROM projects_project p LEFT JOIN {NEXT} n USING (id) "
                    "WHERE n.id IS NULL AND p.state = 'published' AND id > %s AND id %% %s = %s ORDER BY id LIMIT %s",
                    [last, parts, part, STEP],
                )
                ids = [pk for (pk,) in cursor.fetchall()]
                if not ids:
                    return
                reading.lock(
                    cursor, ids
                )  # whoever changes one of them meanwhile waits, and then writes here too
                reading.write(cursor, NEXT, reading.read(cursor, "p.id = ANY(%(ids)s)", ids=ids))
            last, done = ids[-1], done + len(ids)
            if done % (20 * STEP) == 0:
                say(f"{done:,} projects read")


def _fill_beside(parts: int) -> None:
    command = [sys.executable, "manage.py", "rebuild_search", "--parts", str(parts), "--part"]
    runs = [subprocess.Popen([*command, str(part)], cwd=settings.BASE_DIR) for part in range(parts)]
    if any([run.wait() for run in runs]):  # noqa: C419 - all of them are waited for
        raise RuntimeError(
            "One of the processes that fill the table failed; start the command again to go on."
        )


@transaction.atomic
def swap() -> int:
    """Read the new table from now on. Whoever writes to the old one is waited for, and has written to both."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 0")
        cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")
        for statement in (*schema.rename(TABLE, OLD), *schema.rename(NEXT, TABLE), f"DROP TABLE {OLD}"):
            cursor.execute(statement)
        cursor.execute(f"SELECT count(*) FROM {TABLE}")
        return cursor.fetchone()[0]


# --- is it right? ----------------------------------------------------------------------------------------------
DRIFT = f"""
SELECT coalesce(w.id, r.id) FROM (SELECT p.id, p.apply_by, p.application_count, p.net_pay, p.organisation_id {OPEN}) w
  FULL JOIN {TABLE} r USING (id)
 WHERE (w.id IS NULL AND r.listed_until > %(now)s) OR (r.id IS NULL) OR r.apply_by <> w.apply_by
    OR r.application_count <> w.application_count OR r.net_pay <> w.net_pay OR r.organisation_id <> w.organisation_id
"""


def is_unfilled() -> bool:
    """Whether nothing is listed although something is open: a site that was there before the read model."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT NOT EXISTS (SELECT FROM {TABLE}) AND EXISTS (SELECT {OPEN})", {"now": clock.now()}
        )
        return cursor.fetchone()[0]


def compare() -> dict[str, int]:
    """Compare the read model with the projects, mend what differs, sweep what has closed.

    Returns how many rows were `wrong` (differed, were missing or too many) and how many were merely `over`.
    A project that is full is open and rightly missing, so what differs is judged by `refresh` itself.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        try:
            cursor.execute(DRIFT, {"now": clock.now()})
            ids = [pk for (pk,) in cursor.fetchall()]
        finally:
            cursor.execute("RESET statement_timeout")
    before = _rows(ids)
    for start in range(0, len(ids), STEP):
        reading.refresh(ids[start : start + STEP])
    over = sweep()
    after = _rows(ids)
    return {"wrong": sum(before.get(pk) != after.get(pk) for pk in ids), "over": over}


def sweep() -> int:
    """Take out what is not listed any more because its time is over; returns how many rows that were."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {TABLE} WHERE listed_until <= %s", [clock.now()])
        over = [pk for (pk,) in cursor.fetchall()]
    for start in range(0, len(over), STEP):
        reading.refresh(over[start : start + STEP])
    return len(over)


def _rows(ids: list[int]) -> dict[int, tuple]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, apply_by, application_count, net_pay, organisation_id FROM {TABLE} WHERE id = ANY(%s)",
            [ids],
        )
        return {row[0]: row[1:] for row in cursor.fetchall()}


# --- words -----------------------------------------------------------------------------------------------------
SAMPLE = 20_000
COUNT_WORDS = """
INSERT INTO projects_searchword (word, stem, documents, stem_documents)
SELECT word, coalesce((ts_lexize('english_stem', word))[1], word), greatest(ndoc * %(scale)s, 1)::int, 0
  FROM ts_stat(format('SELECT to_tsvector(''simple'', concat_ws('' '', title, outcome, summary, '
              'array_to_string(deliverables, '' ''), location)) FROM projects_project WHERE id IN '
              '(SELECT id FROM projects_openproject WHERE id %%%% %%s = 0)', %(every)s))
 WHERE length(word) BETWEEN 2 AND 40 AND word ~ '^[[:alpha:]][[:alnum:]''+#.-]*$'
"""


@transaction.atomic
def rebuild_words() -> int:
    """Count the words of the open projects anew (of at most about `SAMPLE`); returns how many words there are.

    Names of skills are there too, even when no project has them: they are what people misspell.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(f"SELECT count(*) FROM {TABLE}")
        size = cursor.fetchone()[0]
        every = max(1, -(-size // SAMPLE))
        cursor.execute("DELETE FROM projects_searchword")
        cursor.execute(COUNT_WORDS, {"scale": every, "every": every})
        cursor.execute(
            "INSERT INTO projects_searchword (word, stem, documents, stem_documents) "
            "SELECT DISTINCT w, coalesce((ts_lexize('english_stem', w))[1], w), 0, 0 FROM accounts_skill k, "
            "regexp_split_to_table(lower(k.name || ' ' || array_to_string(k.aliases, ' ')), '[^[:alnum:]+#]+') w "
            "WHERE k.state = 'accepted' AND length(w) BETWEEN 2 AND 40 ON CONFLICT DO NOTHING"
        )
        # What the index holds, names of employers and of skills included; a skill's own mark counts its projects.
        cursor.execute("DROP TABLE IF EXISTS pg_temp.held")  # twice in one transaction
        cursor.execute(
            "CREATE TEMP TABLE held ON COMMIT DROP AS SELECT word, least(ndoc * %(every)s, %(size)s) AS n FROM "
            "ts_stat(format('SELECT tsv FROM projects_openproject WHERE id %%%% %%s = 0', %(every)s))",
            {"every": every, "size": size},
        )
        cursor.execute("CREATE INDEX ON held (word)")
        cursor.execute(
            "UPDATE projects_searchword s SET stem_documents = h.n FROM held h WHERE h.word = s.stem"
        )
        cursor.execute(
            "UPDATE projects_searchword s SET title_documents = least(t.ndoc * %(every)s, %(size)s) FROM "
            "ts_stat(format('SELECT rtsv FROM projects_openproject WHERE id %%%% %%s = 0', %(every)s)) t "
            "WHERE t.word = s.stem",
            {"every": every, "size": size},
        )
        cursor.execute(
            "INSERT INTO projects_searchword (word, stem, documents, stem_documents, title_documents) "
            "SELECT word, word, 0, n, n FROM held WHERE word ~ '^zs[0-9]+$' ON CONFLICT DO NOTHING"
        )
        cursor.execute("SELECT count(*) FROM projects_searchword")
        return cursor.fetchone()[0]
