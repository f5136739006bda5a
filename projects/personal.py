"""A person's data in the rooms of looking, applying, hiring and reporting: what an export holds, what an erasure takes.

Working, talking and reviewing do the same for theirs. Agreements and the ledger name people by surrogate and stay whole.
"""

from accounts.users import erasure, export
from payments.holds.queries import earnings_of

from .applying.models import Answer, Application
from .applying.states import ApplicationState
from .hiring.models import Engagement, Offer
from .posting.models import Project
from .reporting.models import Report
from .search.models import Bookmark


def _applications(user) -> list:
    rows = (
        Application.objects.filter(student=user)
        .select_related("project__organisation")
        .prefetch_related("answers__question")
    )
    return [
        {
            "project": row.project.title,
            "employer": row.project.organisation.name,
            "state": row.state,
            "pitch": row.pitch,
            "answers": {answer.question.text: answer.text for answer in row.answers.all()},
            "sent": row.submitted_at,
            "decided": row.decided_at,
            "reason": row.decline_reason,
            "note": row.decline_note,
        }
        for row in rows
    ]


def _offers(user) -> list:
    rows = Offer.objects.filter(application__student=user).select_related("project")
    return [
        {
            "project": row.project.title,
            "state": row.state,
            "made": row.created_at,
            "answered": row.answered_at,
            "message": row.message,
            "your_note": row.decline_note,
        }
        for row in rows
    ]


def _engagements(user) -> list:
    rows = Engagement.objects.filter(student=user).select_related("organisation", "agreement")
    return [
        {
            "title": row.title,
            "employer": row.organisation.name,
            "state": row.state,
            "net": row.net,
            "currency": row.currency,
            "start_on": row.start_on,
            "due_on": row.due_on,
            "ended": row.ended_at,
            "agreement": row.agreement.text if hasattr(row, "agreement") else "",
        }
        for row in rows
    ]


def _pay(user) -> list:
    return [
        {"net": row.net, "currency": row.part.hold.currency, "state": row.state, "sent": row.sent_at}
        for row in earnings_of(user)
    ]


def _postings(user) -> list:
    rows = Project.objects.filter(created_by=user).select_related("organisation")
    return [
        {"title": row.title, "employer": row.organisation.name, "state": row.state, "made": row.created_at}
        for row in rows
    ]


def _saved(user) -> list:
    return [
        {"project": row.project.title, "saved": row.created_at}
        for row in Bookmark.objects.filter(user=user).select_related("project")
    ]


def _reports(user) -> list:
    return [
        {"reason": row.reason, "text": row.text, "made": row.created_at, "answer": row.answer}
        for row in Report.objects.filter(reporter=user)
    ]


@erasure.register_scrub
def _forget(user) -> None:
    """Words that the person wrote go; that they applied and how it ended stays, without a name, for the public figures."""
    mine = Application.objects.filter(student=user)
    Answer.objects.filter(application__in=mine).delete()
    mine.filter(state=ApplicationState.DRAFT).delete()
    mine.update(pitch="", decline_note="")
    Offer.objects.filter(application__student=user).update(decline_note="")
    Bookmark.objects.filter(user=user).delete()
    Report.objects.filter(reporter=user).update(text="")


for name, part in {
    "applications": _applications,
    "offers": _offers,
    "engagements": _engagements,
    "pay": _pay,
    "postings": _postings,
    "saved_projects": _saved,
    "reports": _reports,
}.items():
    export.register(name, part)
