"""What saved searches hear: a project is out, or it is over."""

from django.dispatch import receiver

from accounts.users import erasure, export
from marketplace.ground.nudge import nudge
from projects.posting.signals import project_closed, project_hidden, project_published

from . import actions
from .models import SavedSearch


@receiver(project_published, dispatch_uid="alerting.published")
def published(sender, project, **_):
    nudge("alerting.run", project.pk)


@receiver([project_closed, project_hidden], dispatch_uid="alerting.over")
def over(sender, project, **_):
    """Closed, or out of sight while a moderator looks at it or its employer is suspended."""
    actions.call_off(project)


def _searches(user) -> list:
    return [
        {"name": row.name, "how": row.how, "query": row.query, "saved": row.created_at}
        for row in SavedSearch.objects.filter(user=user)
    ]


@erasure.register_scrub
def _forget(user) -> None:
    SavedSearch.objects.filter(user=user).delete()


export.register("saved_searches", _searches)
