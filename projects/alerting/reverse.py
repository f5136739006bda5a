"""Search turned round: which saved searches does this one project answer? One statement over all of them.

A saved search keeps its filter in columns and its words as a `tsquery`; the project brings the bands it falls in.
"""

from dataclasses import dataclass

from django.db import connection

from accounts.skills.models import Skill
from marketplace.ground import clock
from projects.posting import queries as posting
from projects.posting.models import Project
from projects.search import filters as by
from projects.search import words
from projects.search.filters import Filters

from .models import SavedSearch

FOUND = """
INSERT INTO projects_alert (search_id, project_id, found_at)
SELECT s.id, p.id, %(now)s
FROM projects_savedsearch s
JOIN projects_project p ON p.id = %(project)s
JOIN projects_openproject o ON o.id = p.id
JOIN accounts_user u ON u.id = s.user_id AND u.is_active AND u.suspended_at IS NULL
WHERE s.how <> 'off'
    AND s.functions && ARRAY[p.function, '*']::varchar[]
    AND (s.places = '{}' OR p.location_mode = ANY(s.places))
    AND (s.skills = '{}' OR s.skills && o.skill_ids::bigint[])
    AND (s.hours = '{}' OR s.hours && %(hours)s::varchar[])
    AND (s.pay = '{}' OR s.pay && %(pay)s::varchar[])
    AND coalesce(p.net_hourly >= s.rate_min, true)
    AND coalesce(p.hours >= s.hours_min, true) AND coalesce(p.hours <= s.hours_max, true)
    AND coalesce(p.net_pay >= s.pay_min, true) AND coalesce(p.net_pay <= s.pay_max, true)
    AND (s.words IS NULL OR o.tsv @@ s.words)
    AND NOT EXISTS (
        SELECT 1 FROM accounts_membership m WHERE m.user_id = s.user_id AND m.organisation_id = p.organisation_id)
    AND NOT EXISTS (
        SELECT 1 FROM projects_application a
        WHERE a.student_id = s.user_id AND a.project_id = p.id AND a.state <> 'draft')
    AND NOT EXISTS (
        SELECT 1 FROM projects_dismissal d WHERE d.user_id = s.user_id AND d.project_id = p.id)
ON CONFLICT (search_id, project_id) DO NOTHING
"""


@dataclass(frozen=True)
class Kept:
    """The columns of a `SavedSearch` for a filter; `words` is SQL of type tsquery with its values, or None."""

    columns: dict
    words: tuple[str, list] | None


def kept(f: Filters) -> Kept:
    """`f` as it is stored. Skills that nobody knows match nothing, as on the page."""
    known = dict(Skill.objects.filter(slug__in=f.skills).values_list("slug", "pk")) if f.skills else {}
    columns = {
        "functions": list(f.functions) or [SavedSearch.ANY],
        "places": list(f.places),
        "skills": [known.get(slug, 0) for slug in f.skills],
        "hours": list(f.hours),
        "pay": list(f.pay),
        "rate_min": by.RATES[f.rate] if f.rate else None,
        "hours_min": f.hours_min,
        "hours_max": f.hours_max,
        "pay_min": f.pay_min,
        "pay_max": f.pay_max,
    }
    return Kept(columns, text_query(f.q) if f.q else None)


def text_query(text: str) -> tuple[str, list]:
    """SQL of type `tsquery` for what somebody typed, and its values; safe for any input."""
    return words.read(text).query


def write_words(search: SavedSearch, words: tuple[str, list] | None) -> None:
    """Store the text of a search as the database asks it."""
    sql, values = words or ("NULL", [])
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE projects_savedsearch SET words = {sql} WHERE id = %s", [*values, search.pk])


def find(project: Project) -> int:
    """Write an alert for every saved search that `project` answers; returns how many there are now."""
    with connection.cursor() as cursor:
        cursor.execute(
            FOUND,
            {
                "now": clock.now(),
                "project": project.pk,
                "hours": _bands(by.HOURS, project.hours),
                "pay": _bands(by.PAY, posting.net(project)),
            },
        )
        return cursor.rowcount


def _bands(bands: dict, value) -> list[str]:
    """The names of the bands (name -> from, below, words) that `value` falls in."""
    return [
        name for name, (low, below, _) in bands.items() if low <= value and (below is None or value < below)
    ]
