"""Reads of reports: what may be reported by whom, and what waits for an answer."""

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.employers.models import Membership
from projects.hiring.models import Engagement
from projects.posting import queries as postings
from projects.posting.models import Project
from projects.talking.models import Message

from .models import Report
from .states import ReportState

KINDS = ("posting", "person", "message")
MOST_OPEN = 20  # of one reporter


def visible_to(user) -> QuerySet[Report]:
    """One's own reports; all of them for a moderator."""
    if not user.is_authenticated:
        return Report.objects.none()
    return Report.objects.all() if user.is_staff else Report.objects.filter(reporter=user)


def open_reports() -> QuerySet[Report]:
    """What waits for a moderator, the most urgent first."""
    return (
        Report.objects.filter(state=ReportState.OPEN)
        .select_related("reporter", "project__organisation", "person", "message__author")
        .order_by("answer_by", "pk")
    )


def target_of(user, kind: str, public_id: str):
    """The posting, person or message that `user` wants to report; `Http404` for what they cannot see."""
    things = {"posting": postings.visible_to, "person": people_seen_by, "message": messages_seen_by}
    if kind not in things:
        raise Http404
    return get_object_or_404(things[kind](user), public_id=public_id)


def people_seen_by(user) -> QuerySet:
    """The people whom `user` meets here: the other side of an engagement or of an application, and public pages."""
    mine = Membership.objects.filter(user=user).values("organisation")
    met = Engagement.objects.filter(student=user).values("organisation")
    applied = Project.objects.filter(applications__student=user).values("organisation")
    return (
        get_user_model()
        .objects.filter(
            Q(pk__in=Engagement.objects.filter(organisation__in=mine).values("student"))
            | Q(
                pk__in=Project.objects.filter(
                    organisation__in=mine, applications__submitted_at__isnull=False
                ).values("applications__student")
            )
            | Q(
                pk__in=Membership.objects.filter(
                    Q(organisation__in=met) | Q(organisation__in=applied)
                ).values("user")
            )
            | Q(student__portfolio_on=True),
            is_active=True,
        )
        .exclude(pk=user.pk)
    )


def messages_seen_by(user) -> QuerySet[Message]:
    """The messages of the engagements that `user` is a party of."""
    mine = Membership.objects.filter(user=user).values("organisation")
    return Message.objects.filter(Q(engagement__student=user) | Q(engagement__organisation__in=mine))


def open_report(user, kind: str, target) -> Report | None:
    """The report that `user` has already made about `target` and that is not answered yet."""
    return Report.objects.filter(reporter=user, state=ReportState.OPEN, **{COLUMN[kind]: target}).first()


COLUMN = {"posting": "project", "person": "person", "message": "message"}


def is_own(user, kind: str, target) -> bool:
    """Whether `target` belongs to `user`: nobody reports themselves."""
    if kind == "posting":
        return Membership.objects.filter(user=user, organisation=target.organisation_id).exists()
    return target == user if kind == "person" else target.author_id == user.pk


def may_report(user, kind: str, target) -> str | None:
    """Why `user` may not report `target` now; None when they may."""
    if is_own(user, kind, target):
        return "This is yours. Write to us if something about it is wrong."
    if open_report(user, kind, target):
        return "You have reported this already. A moderator is looking at it."
    if Report.objects.filter(reporter=user, state=ReportState.OPEN).count() >= MOST_OPEN:
        return f"You have {MOST_OPEN} reports that are not answered yet. Wait for the answers first."
    return None


def allowed_actions(user, report: Report) -> dict[str, str | None]:
    """For moderators: `answer`."""
    if not user.is_authenticated or not user.is_staff:
        return {}
    if report.state != ReportState.OPEN:
        return {"answer": f"It has been answered: {report.get_state_display().lower()}."}
    return {
        "answer": "You made this report, so another moderator answers it."
        if report.reporter_id == user.pk
        else None
    }
