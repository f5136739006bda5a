"""What saved searches hear: a project is out, or it is over."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.users import erasure, export
from marketplace.ground.nudge import nudge
from projects.posting.models import Project
from projects.posting.signals import project_closed, project_published
from projects.posting.states import ProjectState

from . import actions
from .models import SavedSearch


@receiver(project_published, dispatch_uid="alerting.published")
def published(sender, project, **_):
    nudge("alerting.run", project.pk)


@receiver(project_closed, dispatch_uid="alerting.closed")
def closed(sender, project, **_):
    actions.call_off(project)


@receiver(post_save, sender=Project, dispatch_uid="alerting.paused")
def paused(sender, instance, update_fields=None, **_):
    """Hidden while a moderator looks at it."""
    hidden = update_fields and "paused_at" in update_fields and instance.paused_at
    if hidden and instance.state == ProjectState.PUBLISHED:
        actions.call_off(instance)


def _searches(user) -> list:
    return [
        {"name": row.name, "how": row.how, "query": row.query, "saved": row.created_at}
        for row in SavedSearch.objects.filter(user=user)
    ]


@erasure.register_scrub
def _forget(user) -> None:
    SavedSearch.objects.filter(user=user).delete()


export.register("saved_searches", _searches)
