"""Reads of the thread. A thread is seen by the two parties of its engagement and by moderators."""

from django.db.models import Count, F, OuterRef, Q, Subquery

from accounts.employers.models import Membership
from marketplace.ground import clock
from projects.hiring.models import Engagement
from projects.hiring.states import LIVE
from projects.working.queries import side_of
from projects.working.queries import visible_to as engagements_visible_to

from .models import Message, ReadMark

OVER = "This project has ended, and so has the time to write about it."


def visible_to(user):
    return Message.objects.filter(engagement__in=engagements_visible_to(user)).select_related(
        "author", "engagement"
    )


def allowed_actions(user, engagement: Engagement) -> dict[str, str | None]:
    """`post`: while the project lives, and after its end for as long as the two can review each other."""
    if side_of(user, engagement) is None:
        return {}
    lives = engagement.state in LIVE or (engagement.review_until and engagement.review_until > clock.now())
    return {"post": None if lives else OVER}


def thread(engagement: Engagement):
    """All messages, newest first."""
    return Message.objects.filter(engagement=engagement).select_related("author").order_by("-at", "-id")


def _unread(user):
    """Messages of other people in one's own threads, later than one's read mark."""
    member_of = Membership.objects.filter(user=user).values("organisation")
    mark = ReadMark.objects.filter(engagement=OuterRef("engagement"), user=user).values("at")[:1]
    return (
        Message.objects.filter(Q(engagement__student=user) | Q(engagement__organisation__in=member_of))
        .exclude(author=user)
        .annotate(mark=Subquery(mark))
        .filter(Q(mark=None) | Q(at__gt=F("mark")))
    )


def unread_count(user) -> int:
    return _unread(user).count() if user.is_authenticated else 0


def unread_by_engagement(user, engagements) -> dict[int, int]:
    """`{engagement.pk: unread messages}` in one query; threads with none are left out."""
    rows = _unread(user).filter(engagement__in=[e.pk for e in engagements]).order_by()
    return dict(rows.values_list("engagement").annotate(number=Count("pk")))


def first_unread(user, engagement: Engagement) -> Message | None:
    return _unread(user).filter(engagement=engagement).order_by("at", "id").first()
