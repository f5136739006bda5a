"""What invitations hear: somebody has applied, or the project is over. And a person's part in export and erasure."""

from django.dispatch import receiver

from accounts.users import erasure, export
from projects.applying.signals import application_sent
from projects.posting.signals import project_closed, project_hidden, project_shown

from . import actions
from .models import Block, Invitation


@receiver(application_sent, dispatch_uid="inviting.applied")
def applied(sender, application, **_):
    actions.accept_with(application)


@receiver(project_closed, dispatch_uid="inviting.closed")
def closed(sender, project, by=None, **_):
    actions.end_all(project, by)


@receiver(project_hidden, dispatch_uid="inviting.hidden")
def hidden(sender, project, **_):
    actions.hold_back(project)


@receiver(project_shown, dispatch_uid="inviting.shown")
def shown(sender, project, **_):
    actions.tell_again(project)


def _invitations(user) -> list:
    rows = Invitation.objects.filter(student=user).select_related("project__organisation")
    return [
        {
            "project": row.project.title,
            "employer": row.project.organisation.name,
            "state": row.state,
            "note": row.note,
            "asked": row.created_at,
            "answered": row.answered_at,
            "reason": row.decline_reason,
        }
        for row in rows
    ]


def _blocks(user) -> list:
    return [
        row.organisation.name for row in Block.objects.filter(student=user).select_related("organisation")
    ]


@erasure.register_scrub
def _forget(user) -> None:
    Invitation.objects.filter(student=user).delete()
    Invitation.objects.filter(by=user).update(note="")
    Block.objects.filter(student=user).delete()


export.register("invitations", _invitations)
export.register("blocked_employers", _blocks)
