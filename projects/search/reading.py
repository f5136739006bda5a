"""Keeping `OpenProject` what it says: one row for each project that can be applied to now.

`refresh` is called in the transaction that changes something a list shows. It takes a lock on the number of the
project and reads the project after that, so that of two acts at once (a closing and a lifted suspension, say) the
later one sees what the earlier one did. Organisations are locked before, as everywhere above the project.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection, transaction

from marketplace.ground import clock, policy
from marketplace.ground.nudge import nudge
from projects.sponsoring.queries import promised_projects, sponsors_of

from . import cards, cells, generation, languages
from .models import OpenProject

TABLE, NEXT = "projects_openproject", "projects_openproject_next"
LOCKS = 7_420  # the first half of our advisory locks' names; the second is the project
COLUMNS = (
    "published_at, apply_by, listed_until, id, organisation_id, net_pay, net_hourly, tenths, cell, "
    "application_count, skill_ids"
)
PLACE_OF_ID = COLUMNS.split(", ").index("id")

READ = """
SELECT p.id, p.public_id, p.organisation_id, p.title, p.function, p.outcome, p.summary, p.deliverables,
       p.location, p.location_mode, p.hours, p.net_pay, p.net_hourly, p.currency, p.due_on, p.published_at,
       p.apply_by, p.application_count, p.application_cap, o.name, o.verified_at IS NOT NULL,
       s.ids, s.musts, s.words, m.titles
  FROM projects_project p
  JOIN accounts_organisation o ON o.id = p.organisation_id
  LEFT JOIN LATERAL (
    SELECT array_agg(k.id ORDER BY k.id) AS ids, array_agg(ps.must ORDER BY k.id) AS musts,
           string_agg(k.name || ' ' || array_to_string(k.aliases, ' '), ' ' ORDER BY k.id) AS words
      FROM projects_projectskill ps JOIN accounts_skill k ON k.id = ps.skill_id AND k.state = 'accepted'
     WHERE ps.project_id = p.id) s ON true
  LEFT JOIN LATERAL (
    SELECT string_agg(title, ' ' ORDER BY "order") AS titles FROM projects_plannedmilestone
     WHERE project_id = p.id) m ON true
 WHERE {which} AND p.state = 'published' AND p.paused_at IS NULL AND o.suspended_at IS NULL
   AND p.apply_by > %(now)s
   AND (p.application_count < p.application_cap OR p.published_at + %(least)s > %(now)s)
"""

WRITE = """
INSERT INTO {table} ({columns}, rtsv, tsv, card_html)
SELECT {columns}, r, r || setweight(to_tsvector(config, body), 'C') || setweight(to_tsvector(config, place), 'D'),
       card_html
  FROM (
    SELECT x.*, x.skills::int[] AS skill_ids,
           setweight(to_tsvector(x.config, x.title), 'A') || x.marks::tsvector
           || setweight(to_tsvector(x.config, x.near), 'B') AS r
      FROM unnest(%s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::bigint[], %s::int[],
                  %s::int[], %s::int[], %s::smallint[], %s::int[], %s::text[], %s::regconfig[], %s::text[],
                  %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
        AS x(published_at, apply_by, listed_until, id, organisation_id, net_pay, net_hourly, tenths, cell,
             application_count, skills, config, title, marks, near, body, place, card_html)) rows
ON CONFLICT (id) DO UPDATE SET ({columns}, rtsv, tsv, card_html) = ROW (EXCLUDED.*)
"""


def mark(skill_id: int) -> str:
    """The word by which the index knows a skill; nobody can type it, because it is no word of any text."""
    return f"zs{skill_id}"


# --- one change --------------------------------------------------------------------------------------------
@transaction.atomic
def refresh(ids: Iterable[int]) -> None:
    """Bring the rows of these projects to what the projects are now: written anew, or gone."""
    ids = sorted(set(ids))
    if not ids:
        return
    with connection.cursor() as cursor:
        lock(cursor, ids)
        rows = read(cursor, "p.id = ANY(%(ids)s)", ids=ids)
        put(cursor, TABLE, ids, rows)
        # A rebuild may be filling the next table. It cannot take our place before we commit, now that we wrote here.
        if rebuilding(cursor):
            put(cursor, NEXT, ids, rows)
    generation.bump_later()


def put(cursor, table: str, ids: list[int], rows: list[tuple]) -> None:
    """Of the projects `ids`, let `table` hold `rows` and no others."""
    cursor.execute(
        f"DELETE FROM {table} WHERE id = ANY(%s)", [sorted({*ids} - {row[PLACE_OF_ID] for row in rows})]
    )
    write(cursor, table, rows)


def rebuilding(cursor) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [NEXT])
    return cursor.fetchone()[0]


def lock(cursor, ids: list[int]) -> None:
    cursor.execute(
        "SELECT id FROM accounts_organisation WHERE id IN "
        "(SELECT organisation_id FROM projects_project WHERE id = ANY(%s)) ORDER BY id FOR SHARE",
        [ids],
    )
    cursor.execute("SELECT pg_advisory_xact_lock(%s, hashint8(x)) FROM unnest(%s::bigint[]) x", [LOCKS, ids])


@transaction.atomic
def recount(project) -> None:
    """Somebody applied or stepped back; `project` is locked by the caller and has its new number."""
    full = project.application_count >= project.application_cap
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projects_openproject SET application_count = %s "
            "WHERE id = %s AND NOT %s AND listed_until = apply_by RETURNING id",
            [project.application_count, project.pk, full],
        )
        counted = cursor.fetchone() and not rebuilding(cursor)
    if counted:
        generation.bump_later()
    else:
        refresh([project.pk])


def refresh_organisation(organisation_id: int) -> None:
    """Its name, its sign of being verified or its being there at all has changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM projects_project WHERE organisation_id = %s AND state = 'published' "
            "UNION SELECT id FROM projects_openproject WHERE organisation_id = %s",
            [organisation_id, organisation_id],
        )
        refresh([pk for (pk,) in cursor.fetchall()])


def mend_sponsors() -> int:
    """Programmes begin and end with the day, and sponsors change their names: cards that say otherwise are written
    anew. Returns how many.
    """
    kept = dict(
        OpenProject.objects.filter(pk__in=promised_projects().values("project")).values_list(
            "pk", "card_html"
        )
    )
    names = sponsors_of(kept)
    wrong = [pk for pk, html in kept.items() if not cards.says_sponsor(html, names.get(pk, ""))]
    refresh(wrong)
    return len(wrong)


AT_ONCE = 500  # projects that one change of the vocabulary rewrites in its own transaction


def reskill(skills: list[int]) -> None:
    """These skills were accepted, renamed or merged: their projects are found by the new names."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT project_id FROM projects_projectskill WHERE skill_id = ANY(%s) AND project_id IN "
            "(SELECT id FROM projects_openproject) "
            "UNION SELECT id FROM projects_openproject WHERE skill_ids OPERATOR(pg_catalog.&&) %s::int[] "
            "ORDER BY 1 DESC",
            [skills, skills],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    refresh(ids[:AT_ONCE])
    for start in range(AT_ONCE, len(ids), AT_ONCE):
        nudge("search.refresh", ids[start : start + AT_ONCE])


# --- reading and writing rows --------------------------------------------------------------------------------
def read(cursor, which: str, **params) -> list[tuple]:
    """The open projects among those that the condition `which` names, as `write` wants them."""
    params |= {
        "now": clock.now(),
        "least": timedelta(hours=policy.current().application_window_min_hours),
    }
    cursor.execute(READ.format(which=which), params)
    rows = cursor.fetchall()
    sponsors = sponsors_of(row[0] for row in rows)
    return [_row(row, params["least"], sponsors.get(row[0], "")) for row in rows]


def _row(row: tuple, least: timedelta, sponsor: str) -> tuple:
    (
        pk,
        public_id,
        organisation_id,
        title,
        function,
        outcome,
        summary,
        deliverables,
        location,
        mode,
        hours,
    ) = row[:11]
    (net, hourly, currency, due_on, published_at, apply_by, count, cap, employer, verified) = row[11:21]
    ids, musts, skill_words, milestones = row[21:]
    tenths = int(hours * 10)
    label = cells.FUNCTION_LABELS[function]
    body = " ".join([outcome, summary, *deliverables, milestones or ""])
    card = cards.Card(
        public_id,
        title,
        function,
        employer,
        verified,
        mode,
        location,
        outcome,
        net,
        hours,
        currency,
        due_on,
        sponsor,
    )
    marks = " ".join(
        f"{mark(pk)}:{place}{'A' if must else 'B'}"
        for place, (pk, must) in enumerate(zip(ids or (), musts or (), strict=True), 1)
    )
    return (
        published_at,
        apply_by,
        min(apply_by, published_at + least) if count >= cap else apply_by,
        pk,
        organisation_id,
        net,
        hourly,
        tenths,
        cells.cell_of(function, mode, tenths, net, hourly),
        count,
        "{" + ",".join(map(str, ids or ())) + "}",
        languages.of(f"{title} {body}"),
        title,
        marks,
        f"{skill_words or ''} {label} {employer}",
        body,
        location,
        cards.render(card),
    )


def write(cursor, table: str, rows: list[tuple]) -> None:
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        cursor.execute(WRITE.format(table=table, columns=COLUMNS), columns)
