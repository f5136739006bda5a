"""What postings hear: their employer may not act for now, or may again."""

from django.dispatch import receiver

from accounts.employers.signals import suspension_changed

from .models import Project
from .signals import project_hidden, project_shown
from .states import ProjectState


@receiver(suspension_changed, dispatch_uid="posting.suspended")
def suspended(sender, organisation, **_):
    """Open postings go out of sight with their employer and come back with it."""
    signal = project_hidden if organisation.suspended_at else project_shown
    rows = Project.objects.filter(organisation=organisation, state=ProjectState.PUBLISHED, paused_at=None)
    for project in rows.order_by("pk"):
        signal.send(Project, project=project)
