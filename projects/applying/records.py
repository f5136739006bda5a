"""The employer's public answer record: what students see before they apply, computed from the rows themselves."""

from dataclasses import dataclass

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q

from accounts.employers.models import Organisation
from marketplace.ground import clock, policy
from projects.posting.models import Project
from projects.posting.states import ClosedReason, ProjectState

from .models import Application
from .states import ApplicationState, DeclineReason

S = ApplicationState


@dataclass(frozen=True)
class AnswerRecord:
    """Whole percents and hours; None where there are fewer cases than a public figure needs.

    answer_rate: of the applications whose answer was due or given, how many a person opened and answered
    before the clock. median_hours: from sending to a person's answer. hire_rate: of the projects that were
    closed after publication, how many hired somebody. cases: applications behind the answer rate.
    """

    answer_rate: int | None = None
    median_hours: int | None = None
    hire_rate: int | None = None
    cases: int = 0
    silent_closings: int = 0

    @property
    def median_days(self) -> float | None:
        return None if self.median_hours is None else round(self.median_hours / 24, 1)


class Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def answer_record(organisation: Organisation) -> AnswerRecord:
    return answer_records([organisation])[organisation.pk]


def answer_records(organisations) -> dict[int, AnswerRecord]:
    """`{organisation.pk: AnswerRecord}` for many employers in two queries."""
    keys = [organisation.pk for organisation in organisations]
    answers = {row["project__organisation"]: row for row in _answers(keys)}
    closings = {row["organisation"]: row for row in _closings(keys)}
    least = policy.current().public_figure_min
    return {key: _record(answers.get(key, {}), closings.get(key, {}), least) for key in keys}


def _answers(keys):
    due = Q(answered_at__isnull=False) | Q(decided_at__isnull=False) | Q(project__answer_by__lte=clock.now())
    kept = Q(answered_at__isnull=False, opened_at__isnull=False, answered_at__lte=F("project__answer_by"))
    wait = ExpressionWrapper(F("answered_at") - F("submitted_at"), output_field=DurationField())
    return (
        Application.objects.filter(due, project__organisation__in=keys)
        .exclude(state__in=(S.DRAFT, S.WITHDRAWN))
        .exclude(decline_reason=DeclineReason.LOT)
        .order_by()
        .values("project__organisation")
        .annotate(
            cases=Count("pk"),
            kept=Count("pk", filter=kept),
            answered=Count("answered_at"),
            median=Median(wait, output_field=DurationField(), filter=Q(answered_at__isnull=False)),
        )
    )


def _closings(keys):
    return (
        Project.objects.filter(organisation__in=keys, state=ProjectState.CLOSED, published_at__isnull=False)
        .exclude(closed_reason=ClosedReason.REMOVED)
        .order_by()
        .values("organisation")
        .annotate(
            cases=Count("pk"),
            hired=Count("pk", filter=Q(closed_reason=ClosedReason.FILLED)),
            silent=Count("pk", filter=Q(closed_reason=ClosedReason.SILENT)),
        )
    )


def _record(answers: dict, closings: dict, least: int) -> AnswerRecord:
    cases, closed = answers.get("cases", 0), closings.get("cases", 0)
    median = answers.get("median") if answers.get("answered", 0) >= least else None
    return AnswerRecord(
        answer_rate=round(answers["kept"] * 100 / cases) if cases >= least else None,
        median_hours=None if median is None else round(median.total_seconds() / 3600),
        hire_rate=round(closings["hired"] * 100 / closed) if closed >= least else None,
        cases=cases,
        silent_closings=closings.get("silent", 0),
    )
