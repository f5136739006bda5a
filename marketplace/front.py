"""The figures and projects of the front page."""

from django.db.models import Aggregate, BigIntegerField, Count
from django.db.models.functions import Cast
from django.urls import reverse

from accounts.models import Organisation
from marketplace.ground import policy
from projects.posting.queries import open_now


class Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def figures() -> dict:
    """Closing projects and public figures, in three queries; figures of too few cases are left out."""
    rules = policy.current()
    facts = open_now().aggregate(open=Count("pk"), rate=Cast(Median("net_hourly"), BigIntegerField()))
    employers = Organisation.objects.filter(verified_at__isnull=False, suspended_at=None).count()
    enough = rules.public_figure_min
    return {
        "open_count": facts["open"],
        "median_rate": facts["rate"] if facts["open"] >= enough else None,
        "verified_employers": employers if employers >= enough else None,
        "closing": [
            _row(project)
            for project in open_now().select_related("organisation").order_by("apply_by", "pk")[:5]
        ],
    }


def _row(project) -> dict:
    place = project.location or project.get_location_mode_display()
    return {
        "project": project,
        "url": reverse("search:project", args=[project.public_id]),
        "note": f"{project.organisation.name} · {place}",
    }
