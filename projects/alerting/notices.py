"""What people are told about their saved searches: at once, or some projects together."""

from django.conf import settings
from django.urls import reverse

from accounts.notifications import stoppers
from accounts.notifications.actions import notify, queue_mail, wanted
from accounts.notifications.fanout import call_off, tell_many
from accounts.notifications.kinds import kind
from marketplace.ground import calendar, clock
from marketplace.ground.money import show
from projects.posting import queries as posting
from projects.posting.wording import count

from .models import SavedSearch

GROUP = "Finding projects"
FOUND = kind("saved-search", "A new project for a saved search", group=GROUP)
AT_ONCE_A_DAY = 5  # alerts at once for one person; what comes on top waits for a mail of its own the next day

# Everybody with a search at once that found it, whom nobody has told of it yet, and who has not had enough today.
AUDIENCE = """
SELECT DISTINCT ON (s.user_id) s.user_id, 'Your saved search “' || s.name || '” found it.', s.public_id
FROM projects_alert a JOIN projects_savedsearch s ON s.id = a.search_id
WHERE a.project_id = %s AND a.told_at IS NULL AND s.how = 'instant'
    AND (SELECT count(*) FROM accounts_notification n
         WHERE n.user_id = s.user_id AND n.kind = %s AND n.created_at > %s) < %s
    AND NOT EXISTS (SELECT 1 FROM accounts_notification n
         WHERE n.user_id = s.user_id AND n.kind = 'match' AND n.thing = %s)
ORDER BY s.user_id, s.id
"""


def found(project, since) -> int:
    """Tell everybody whose search at once found `project`; `since`: whom to count as told enough."""
    pay = show(posting.net(project), project.currency)
    body = (
        f"{project.organisation.name} pays {pay} for about {project.hours.normalize():f} hours, "
        f"{show(posting.hourly_net(project), project.currency)} an hour.\n\n{project.outcome}"
    )
    return tell_many(
        FOUND,
        thing=project,
        audience=AUDIENCE,
        values=[project.pk, FOUND.slug, since, AT_ONCE_A_DAY, f"projects.project:{project.pk}"],
        title=f"New: {project.title}",
        body=body,
        url=reverse("search:project", args=[project.public_id]),
        label="Read the project",
    )


def over(project, users) -> int:
    return call_off(FOUND, thing=project, users=users)


def collected(user, sections: list[dict], number: int, key: str) -> None:
    """One mail with what several searches found. sections: see `digest.sections`."""
    few = len(sections) == 1
    whose = f"“{sections[0]['name']}”" if few else f"{len(sections)} of your saved searches"
    title = f"{count(number, 'new project')} for {whose}"
    row = notify(
        user,
        FOUND,
        thing=user,
        part=key,
        title=title,
        body="\n\n".join(line["title"] for section in sections for line in section["projects"]),
        url=reverse("alerting:searches"),
        label="Your saved searches",
        mail=False,
    )
    if row is None or wanted(user, FOUND) == "app":
        return
    only = sections[0]["public_id"] if len(sections) == 1 else ""
    queue_mail(
        to=user.email,
        user=user,
        kind=FOUND.slug,
        key=f"alerts:{user.pk}:{key}",
        subject=title,
        template="emails/alerts",
        context={
            "title": title,
            "sections": sections,
            "searches_url": settings.SITE_URL + reverse("alerting:searches"),
            "why": "You get this because you saved a search.",
        },
        unsubscribe=True,
        part=only,
        send_after=calendar.after_quiet(clock.now(), user.zone),
    )


# --- one click stops one search ----------------------------------------------------------------------------
def _name(user, part: str) -> str:
    found = SavedSearch.objects.filter(user=user, public_id=part).first()
    return f"Alerts for “{found.name}”" if found else ""


def _stop(user, part: str) -> bool:
    from .actions import stop_search

    return stop_search(user, part)


stoppers.register(FOUND.slug, name=_name, stop=_stop)
