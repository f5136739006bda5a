"""What both sides are told about invitations."""

from django.urls import reverse

from accounts.employers.queries import members
from accounts.models import Mail, Notification
from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind
from marketplace.ground.money import show
from projects.posting import queries as posting
from projects.posting.wording import moment

from .states import InvitationState

INVITED = kind("invitation", "An employer invites you to apply", group="Finding projects", roles=("student",))
ANSWERED = kind(
    "invitation-answered",
    "An answer to your invitation",
    group="Applications",
    default="daily",
    roles=("employer",),
)


def invited(invitation) -> None:
    project, student = invitation.project, invitation.student
    pay = show(posting.net(project), project.currency)
    said = f"\n\nThey wrote: {invitation.note}" if invitation.note else ""
    why = f"\n\n{'. '.join(invitation.reasons[:2])}." if invitation.reasons else ""
    notify(
        student,
        INVITED,
        thing=invitation,
        reminder=True,
        title=f"{project.organisation.name} invites you to apply: {project.title}",
        body=f"{pay} for about {project.hours.normalize():f} hours. Apply or say no by "
        f"{moment(invitation.expires_at, student.zone)}. It does not count towards your open applications, and "
        f"you stay in when lots are drawn.{why}{said}",
        url=invitation.get_absolute_url(),
        label="Read the invitation",
    )


def call_off(invitations: list) -> int:
    """Whose mail about one of these still waits hears of it no more; returns how many mails were stopped."""
    things = [f"{row._meta.label_lower}:{row.pk}" for row in invitations]
    told = Notification.objects.filter(kind=INVITED.slug, thing__in=things)
    keys = {f"notification:{pk}": pk for pk in told.values_list("pk", flat=True)}
    waiting = Mail.objects.select_for_update().filter(key__in=keys, state=Mail.State.PENDING)
    stopped = list(waiting.values_list("pk", "key"))
    Mail.objects.filter(pk__in=[pk for pk, _ in stopped]).update(state=Mail.State.CANCELLED)
    Notification.objects.filter(pk__in=[keys[key] for _, key in stopped]).delete()
    return len(stopped)


def ending(invitation) -> None:
    student = invitation.student
    notify(
        student,
        INVITED,
        thing=invitation,
        deadline=invitation.expires_at,
        reminder=True,
        title=f"Your invitation from {invitation.project.organisation.name} ends soon",
        body=f"“{invitation.project.title}”. Apply or say no by {moment(invitation.expires_at, student.zone)}; "
        "after that it ends by itself.",
        url=invitation.get_absolute_url(),
        label="Read the invitation",
    )


def taken_back(invitation) -> None:
    notify(
        invitation.student,
        INVITED,
        thing=invitation,
        part="withdrawn",
        title=f"{invitation.project.organisation.name} took its invitation back",
        body=f"“{invitation.project.title}”. You can still apply as anybody can, while it is open.",
        url=reverse("search:project", args=[invitation.project.public_id]),
        label="Read the project",
        mail=False,
    )


def answered(invitation) -> None:
    name, project = invitation.student.name, invitation.project
    if invitation.state == InvitationState.DECLINED:
        title = f"{name} cannot this time: {project.title}"
        reason = invitation.get_decline_reason_display()
        body = f"The reason: {reason[0].lower()}{reason[1:]}." if reason else "No reason was given."
    else:
        title = f"{name} did not answer your invitation: {project.title}"
        body = "It has ended by itself. You can invite others while the project is open."
    for member in members(project.organisation):
        notify(
            member,
            ANSWERED,
            thing=invitation,
            title=title,
            body=body,
            url=reverse("inviting:students", args=[project.public_id]),
            label="Students who fit",
        )
