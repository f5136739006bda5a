"""What a career centre sees first: how its own students are doing, in figures."""

from django.db.models import Count, Q, Sum

from accounts.schools.models import School
from accounts.skills.functions import Function
from accounts.students.models import StudentProfile
from marketplace.ground import policy
from payments.holds.models import Release
from projects.applying.models import Application
from projects.hiring.models import Engagement
from projects.hiring.states import LIVE, EngagementState


def page(school: School) -> dict:
    """Totals of the school's own students. Figures under the policy's number of cases are left out."""
    least = policy.current().public_figure_min
    students = StudentProfile.objects.filter(school=school)
    counts = students.aggregate(
        all=Count("pk"), verified=Count("pk", filter=Q(school_verified_at__isnull=False))
    )
    mine = {"student__student__school": school}
    work = Engagement.objects.filter(**mine).aggregate(
        live=Count("pk", filter=Q(state__in=LIVE)),
        done=Count("pk", filter=Q(state=EngagementState.COMPLETED)),
        hours=Sum("hours", filter=Q(state=EngagementState.COMPLETED)),
    )
    earned = (
        Release.objects.filter(part__payee__user__student__school=school)
        .exclude(sent_at=None)
        .values_list("part__hold__currency")
        .annotate(net=Sum("net"))
        .order_by("part__hold__currency")
    )
    functions = (
        Engagement.objects.filter(**mine, state=EngagementState.COMPLETED)
        .values_list("project__function")
        .annotate(n=Count("pk"))
        .order_by("-n")
    )
    names = dict(Function.choices)
    return {
        "school": school,
        "students": counts["all"],
        "verified": counts["verified"],
        "applications": Application.objects.filter(**mine).exclude(state="draft").count(),
        "live": work["live"],
        "done": work["done"],
        "hours": work["hours"] or 0,
        "earned": list(earned) if work["done"] >= least else None,
        "functions": [(names.get(slug, slug), n) for slug, n in functions] if work["done"] >= least else [],
        "least": least,
    }
