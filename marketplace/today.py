"""What waits for a moderator, and how the marketplace is doing: the figures of the admin's front page."""

from datetime import UTC, timedelta

from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import TruncWeek
from django.urls import reverse

from accounts.employers.states import ProofState
from accounts.models import Mail, Organisation, Proof, Skill, User
from marketplace import health
from marketplace.ground import clock
from payments.disputes.models import Dispute, FraudWarning
from payments.disputes.states import ANSWERABLE
from payments.holds.models import Hold, Refund, Release
from payments.holds.recovery import Receivable, Reversal
from payments.reconciling.models import Difference
from payments.stripe.models import Call, Event, Stop
from projects.disputing import queries as disputes
from projects.matching import queries as matching
from projects.models import Application, ContractorCheck, Engagement, Project, Report

WEEKS = 12


def page() -> dict:
    """Queues (label, how many, since when, address), parts of the system, key figures and charts."""
    return {
        "queues": queues(),
        "parts": [*health.status(), matching_part()],
        "kpis": figures(),
        "charts": charts(),
    }


def matching_part() -> health.Part:
    """Whether everybody can be matched: rows that are missing, and texts whose meaning is not known yet."""
    found = matching.readiness()
    if found.missing:
        note = f"{found.missing:,} open project{'' if found.missing == 1 else 's'} in no list yet; the sweep adds them"
        return health.Part("matching", False, note)
    if not found.model:
        return health.Part("matching", True, "goes by skills and words; the sentence model is not installed")
    late = [
        f"{number:,} of {whole:,} {what}"
        for number, whole, what in (
            (found.students_waiting, found.students, "students"),
            (found.projects_waiting, found.projects, "projects"),
        )
        if number
    ]
    if late:
        return health.Part(
            "matching", True, f"{' and '.join(late)} without a vector yet; they match by skills and words"
        )
    return health.Part(
        "matching", True, f"{found.students:,} students and {found.projects:,} projects, all with vectors"
    )


def _queue(label: str, rows, since: str, name: str, query: str = "") -> dict:
    found = rows.aggregate(n=Count("pk"), oldest=Min(since))
    return {
        "label": label,
        "n": found["n"],
        "oldest": found["oldest"],
        "url": reverse(f"admin:{name}_changelist") + query,
    }


def queues() -> list[dict]:
    return [
        _queue(
            "Postings to read",
            Project.objects.filter(state="in_review"),
            "sent_at",
            "projects_project",
            "?state__exact=in_review",
        ),
        _queue(
            "Proofs to decide",
            Proof.objects.filter(state=ProofState.PENDING),
            "created_at",
            "accounts_proof",
            "?state__exact=pending",
        ),
        _queue(
            "Reports to answer",
            Report.objects.filter(state="open"),
            "created_at",
            "projects_report",
            "?state__exact=open",
        ),
        _queue(
            "Repeat hires to look at",
            ContractorCheck.objects.filter(state="asked"),
            "asked_at",
            "projects_contractorcheck",
            "?state__exact=asked",
        ),
        _queue(
            "New skills",
            Skill.objects.filter(state="pending"),
            "created_at",
            "accounts_skill",
            "?state__exact=pending",
        ),
        _queue(
            "Disputes of the two sides to decide",
            disputes.to_decide().order_by(),
            "opened_at",
            "projects_dispute",
        ),
        _queue(
            "Disputes whose decision is overdue",
            disputes.to_decide().filter(decide_by__lte=clock.now()).order_by(),
            "decide_by",
            "projects_dispute",
        ),
        _queue(
            "Bank disputes to answer",
            Dispute.objects.filter(state__in=ANSWERABLE, submissions=0),
            "opened_at",
            "payments_dispute",
        ),
        _queue(
            "Fraud warnings to decide",
            FraudWarning.objects.filter(state="fresh"),
            "at",
            "payments_fraudwarning",
            "?state__exact=fresh",
        ),
        _queue(
            "Refunds that failed",
            Refund.objects.filter(state="failed", replacement=None),
            "created_at",
            "payments_refund",
            "?state__exact=failed",
        ),
        _queue(
            "Money taken back to decide about",
            Reversal.objects.filter(
                Q(state="short", receivable=None) | Q(state="sent", purpose="hand", gone_to="")
            ),
            "created_at",
            "payments_reversal",
        ),
        _queue(
            "Write-offs to agree to",
            Receivable.objects.filter(state="owed").exclude(write_off_by=None),
            "write_off_at",
            "payments_receivable",
            "?state__exact=owed",
        ),
        _queue(
            "Stripe calls that need a hand",
            Call.objects.filter(state="manual"),
            "created_at",
            "payments_call",
            "?state__exact=manual",
        ),
        _queue(
            "Stripe events that need a hand",
            Event.objects.filter(state="stuck"),
            "received_at",
            "payments_event",
            "?state__exact=stuck",
        ),
        _queue(
            "Payments that are stopped",
            Stop.objects.filter(lifted_at=None),
            "at",
            "payments_stop",
            "?lifted_at__isempty=1",
        ),
        _queue(
            "Books that differ from Stripe",
            Difference.objects.filter(cleared_at=None),
            "first_seen",
            "payments_difference",
            "?cleared_at__isempty=1",
        ),
        _queue(
            "Mails given up",
            Mail.objects.filter(state="failed"),
            "created_at",
            "accounts_mail",
            "?state__exact=failed",
        ),
    ]


def figures() -> list[dict]:
    month = clock.now() - timedelta(days=30)
    people = User.objects.aggregate(
        students=Count("pk", filter=Q(student__isnull=False)), new=Count("pk", filter=Q(joined_at__gte=month))
    )
    employers = Organisation.objects.aggregate(
        all=Count("pk"), verified=Count("pk", filter=Q(verified_at__isnull=False))
    )
    projects = Project.objects.aggregate(
        open=Count("pk", filter=Q(state="published")), new=Count("pk", filter=Q(published_at__gte=month))
    )
    work = Engagement.objects.aggregate(
        live=Count("pk", filter=Q(state__in=["awaiting_funds", "funded", "active"])),
        done=Count("pk", filter=Q(state="completed")),
    )
    return [
        {
            "n": f"{people['students']:,}",
            "label": "Students",
            "note": f"{people['new']:,} people joined in 30 days",
        },
        {"n": f"{employers['all']:,}", "label": "Employers", "note": f"{employers['verified']:,} verified"},
        {
            "n": f"{projects['open']:,}",
            "label": "Open projects",
            "note": f"{projects['new']:,} published in 30 days",
        },
        {"n": f"{work['live']:,}", "label": "Engagements under way", "note": f"{work['done']:,} completed"},
    ]


def charts() -> list[dict]:
    return [
        {
            "label": "Applications a week",
            "unit": "",
            "points": _weekly(Application.objects.all(), "submitted_at", Count("pk")),
        },
        {
            "label": "Secured a week",
            "unit": "money",
            "points": _weekly(Hold.objects.all(), "secured_at", Sum("price")),
        },
        {
            "label": "Released to students a week",
            "unit": "money",
            "points": _weekly(Release.objects.all(), "sent_at", Sum("net")),
        },
        {
            "label": "People joining a week",
            "unit": "",
            "points": _weekly(User.objects.all(), "joined_at", Count("pk")),
        },
    ]


def _weekly(rows, column: str, what) -> list[tuple[str, int]]:
    """(week, figure) for the last twelve weeks, zeros included."""
    now = clock.now()
    monday = (now - timedelta(days=now.weekday())).date()
    weeks = [monday - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    found = {
        week.date(): n
        for week, n in rows.filter(**{f"{column}__gte": now - timedelta(weeks=WEEKS + 1)})
        .order_by()
        .annotate(week=TruncWeek(column, tzinfo=UTC))
        .values_list("week")
        .annotate(n=what)
    }
    return [(f"{week.day} {week:%b}", found.get(week) or 0) for week in weeks]
