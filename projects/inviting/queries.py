"""Reads of invitations: who may see which, and what may be done now."""

from datetime import timedelta

from django.db.models import Q, QuerySet

from accounts.employers.models import Membership
from accounts.models import StudentProfile
from accounts.students.queries import eligible
from marketplace.ground import clock, policy
from projects.applying.models import Application
from projects.posting.models import Project

from . import finding
from .models import Block, Invitation
from .states import InvitationState

S = InvitationState
PAGE = 20


def visible_to(user) -> QuerySet[Invitation]:
    """A student's own, and those of the organisations of `user`; moderators see all."""
    if not user.is_authenticated:
        return Invitation.objects.none()
    rows = Invitation.objects.select_related("project__organisation", "student__student__school", "by")
    if user.is_staff:
        return rows
    organisations = Membership.objects.filter(user=user).values("organisation")
    return rows.filter(Q(student=user) | Q(project__organisation__in=organisations))


def received(user) -> QuerySet[Invitation]:
    """What a student was asked, newest first."""
    return visible_to(user).filter(student=user)


def of_project(project: Project) -> QuerySet[Invitation]:
    """Everybody who was asked to apply to `project`, newest first."""
    return Invitation.objects.filter(project=project).select_related("student__student__school", "by")


def blocked_by(user) -> QuerySet[Block]:
    return Block.objects.filter(student=user).select_related("organisation").order_by("organisation__name")


def allowed_actions(user, invitation: Invitation) -> dict[str, str | None]:
    """Each act that belongs to the role of `user`: None when it is allowed now, else the reason why not."""
    if not user.is_authenticated:
        return {}
    over = None if invitation.state == S.OPEN else how_it_ended(invitation)
    if invitation.student_id == user.pk:
        return {"decline": over}
    organisation = invitation.project.organisation_id
    if Membership.objects.filter(user=user, organisation=organisation).exists():
        return {"withdraw": over}
    return {}


def how_it_ended(invitation: Invitation) -> str:
    return {
        S.ACCEPTED: "There is an application already.",
        S.DECLINED: "The answer was no.",
        S.EXPIRED: "It ended unanswered.",
        S.WITHDRAWN: "It was withdrawn.",
    }[invitation.state]


def why_not_invite(project: Project) -> str | None:
    """None when the employer may invite one more to this project now, else the reason."""
    rules = policy.current()
    if reason := finding.why_not_find(project):
        return reason
    sent = Invitation.objects.filter(project=project).count()
    if sent >= rules.invitations_per_project:
        return f"{sent} students were invited to this project, which is the most. Give them time to answer."
    week = clock.now() - timedelta(days=7)
    lately = Invitation.objects.filter(
        project__organisation=project.organisation_id, created_at__gt=week
    ).count()
    if lately >= rules.invitations_per_week:
        return f"Your organisation sent {lately} invitations in seven days, which is the most."
    return None


def why_not_ask(project: Project, profile: StudentProfile) -> str | None:
    """None when this student may be asked to apply to `project`, else a reason that gives nothing away."""
    user, gone = profile.user_id, "This student cannot be invited any more. Others on the list can."
    if not profile.open_to_invitations or not eligible(profile, project.work_authorisation):
        return gone
    if Application.objects.filter(project=project, student=user).exclude(state="draft").exists():
        return "This student has applied already."
    if Invitation.objects.filter(project=project, student=user).exists():
        return "This student was invited already."
    if user in finding.hidden_from(project):
        return gone
    week = clock.now() - timedelta(days=7)
    if (
        Invitation.objects.filter(student=user, created_at__gt=week).count()
        >= policy.current().invitations_to_student
    ):
        return "Many employers have asked this student this week. Try again in a few days."
    return None
