"""Reporting what is wrong, and answering a report."""

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from marketplace.ground import calendar, clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.states import move, record
from marketplace.ground.text import written
from projects.posting import queries as postings
from projects.posting.actions import lock_project, pause_project, resume_project
from projects.posting.models import Project

from . import notices, queries
from .models import Report
from .states import ReportState

MAX_TEXT, MAX_ANSWER = 2000, 1500
PAUSED_BY_RULE = "It was reported, and is hidden until a moderator has looked at it."
REPORTS_TO_PAUSE = 2  # from verified accounts


@transaction.atomic
def make_report(*, by, kind: str, target, reason: str, text: str = "") -> Report:
    """Report a posting, a person or a message (`kind`); a moderator answers by the next business day.

    A posting may be hidden at once: one report of fraud about an unproven employer, otherwise two from verified
    accounts. Raises `Invalid` for a missing reason or words, `NotAllowed` for one's own thing, `WrongMoment` when
    it is reported already.
    """
    text = _text(text, MAX_TEXT, "text")
    if reason not in Report.Reason.values:
        raise Invalid({"reason": ["Choose what is wrong."]})
    if reason == Report.Reason.OTHER and not text:
        raise Invalid({"text": ["Say in a few words what is wrong."]})
    if kind == "posting":
        target = lock_project(target.pk)
    if refusal := queries.may_report(by, kind, target):
        raise (NotAllowed if queries.is_own(by, kind, target) else WrongMoment)(refusal)
    now = clock.now()
    try:
        with transaction.atomic():
            report = Report.objects.create(
                reporter=by,
                reason=reason,
                text=text,
                created_at=now,
                answer_by=calendar.add_business_days(now, 1),
                **{queries.COLUMN[kind]: target},
            )
    except IntegrityError:  # the same person, twice at once
        raise WrongMoment("You have reported this already. A moderator is looking at it.") from None
    record(report, ReportState.OPEN, by=by, reason=reason)
    if kind == "posting":
        _pause_if_due(target)
    return report


def _text(text: str, longest: int, field: str) -> str:
    text = written(text or "")
    if len(text) > longest:
        raise Invalid({field: [f"Use at most {longest:,} characters; this has {len(text):,}."]})
    return text


def _pause_if_due(project: Project) -> None:
    if postings.moderator_acts(project)["pause"] is not None:
        return
    reports = Report.objects.filter(project=project, state=ReportState.OPEN)
    fraud = project.organisation.proven_at is None and reports.filter(reason=Report.Reason.FRAUD).exists()
    verified = EmailAddress.objects.filter(verified=True, user__in=reports.values("reporter"))
    if fraud or verified.order_by().values("user").distinct().count() >= REPORTS_TO_PAUSE:
        pause_project(by=None, project=project, reasons=PAUSED_BY_RULE)


@transaction.atomic
def answer_report(*, by, report: Report, uphold: bool, answer: str) -> Report:
    """A moderator answers; the reporter reads `answer`. Raises `Invalid` without words, `WrongMoment` if answered.

    When the last open report about a posting is dismissed, a posting that the rule had hidden is shown again.
    What is upheld stays hidden until a moderator removes it or shows it again.
    """
    answer = _text(answer, MAX_ANSWER, "answer")
    if not answer:
        raise Invalid({"answer": ["Say what you found and did. The person who reported it reads this."]})
    project = lock_project(report.project_id) if report.project_id else None
    report.refresh_from_db(from_queryset=Report.objects.select_for_update(of=("self",)))
    acts = queries.allowed_actions(by, report)
    if "answer" not in acts:
        raise NotAllowed("Only a moderator can answer a report.")
    if acts["answer"]:
        raise WrongMoment(acts["answer"])
    move(
        report,
        ReportState.UPHELD if uphold else ReportState.DISMISSED,
        by=by,
        note=answer,
        answered_at=clock.now(),
        answered_by=by,
        answer=answer,
    )
    notices.answered(report)
    if project is not None:
        _settle(project, upheld=uphold)
    return report


def _settle(project: Project, *, upheld: bool) -> None:
    if upheld:
        if postings.moderator_acts(project)["pause"] is None:
            pause_project(by=None, project=project, reasons="A report about it was upheld.")
        return
    reports = Report.objects.filter(project=project)
    latest = project.decisions.first()
    hidden_by_rule = project.paused_at and latest is not None and latest.reasons == PAUSED_BY_RULE
    upheld_since = (
        hidden_by_rule
        and reports.filter(state=ReportState.UPHELD, answered_at__gte=project.paused_at).exists()
    )
    if hidden_by_rule and not upheld_since and not reports.filter(state=ReportState.OPEN).exists():
        resume_project(
            by=None, project=project, reasons="The reports about it were answered: nothing was wrong."
        )
