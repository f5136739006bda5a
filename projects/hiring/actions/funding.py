"""The money that makes an engagement real: paying, hearing that it came, and what follows when it does not."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.employers import actions as employers
from marketplace.ground import calendar, clock
from marketplace.ground.states import move, record
from payments.holds import actions as holds
from projects.applying import actions as applying
from projects.applying.states import ApplicationState, DeclineReason
from projects.posting.actions import close_project
from projects.posting.states import ClosedReason, ProjectState

from .. import notices, queries
from ..models import Engagement, Milestone
from ..signals import engagement_ended
from ..states import EndReason, EngagementState


@transaction.atomic
def start_funding(*, by, engagement: Engagement, success_url: str, cancel_url: str):
    """Open (or find again) Stripe's page for what the employer owes; absolute addresses. Returns payments' `Funding`.

    After the commit send the person to `payments.holds.actions.funding_url(funding)`.
    Raises `NotAllowed` for anybody but an owner, `WrongMoment` when nothing is to be paid.
    """
    _, _, engagement = lock_engagement(engagement)
    if refusal := queries.refusal_to_fund(by, engagement):
        raise refusal
    return holds.start_checkout(by=by, hold=engagement.hold, success_url=success_url, cancel_url=cancel_url)


def secure_engagement(hold) -> Engagement | None:
    """The whole price is here: the student is hired, everybody else gets an answer, and the posting closes.

    Heard from payments inside its transaction. None when `hold` is not ours or the engagement has gone on already.
    """
    engagement = Engagement.objects.filter(hold=hold).first()
    if engagement is None:
        return None
    project, application, engagement = lock_engagement(engagement)
    if engagement.state != EngagementState.AWAITING_FUNDS:
        return None
    now = clock.now()
    move(
        engagement,
        EngagementState.FUNDED,
        reason="funds_secured",
        funded_at=now,
        funds_coming_at=None,
        **_dates_from(engagement, now),
    )
    move(application, ApplicationState.HIRED, reason="funds_secured", decided_at=now, in_reserve=False)
    if project.state != ProjectState.CLOSED:
        close_project(by=None, project=project, reason=ClosedReason.FILLED)
    else:  # somebody from the reserve took the place of work that never started
        applying.decline_rest(project)
    if engagement.due:  # a sponsor's money says nothing about the employer
        employers.note_cleared_payment(engagement.organisation, f"{engagement.title}, {now:%d %B %Y}")
    notices.secured(engagement)
    return engagement


def _dates_from(engagement: Engagement, now: datetime) -> dict:
    """When work has to begin; funds that came after the agreed start move every date by as many days."""
    zone = ZoneInfo(engagement.project.zone)
    late = max((now.astimezone(zone).date() - engagement.start_on).days, 0)
    start_on, due_on = (day + timedelta(days=late) for day in (engagement.start_on, engagement.due_on))
    if late:
        for milestone in engagement.milestones.all():
            day = milestone.due_at.astimezone(zone).date() + timedelta(days=late)
            Milestone.objects.filter(pk=milestone.pk).update(
                due_at=calendar.end_of_day(day, engagement.project.zone)
            )
    rules = engagement.policy
    morning = datetime.combine(start_on, time(9), zone)
    kickoff_by = max(now + timedelta(days=rules["kickoff_days"]), morning)
    more = timedelta(days=rules["kickoff_cancel_days"] - rules["kickoff_days"])
    kickoff_by = calendar.after_quiet(kickoff_by, engagement.project.zone)
    return {
        "start_on": start_on,
        "due_on": due_on,
        "kickoff_by": kickoff_by,
        "kickoff_cancel_at": kickoff_by + more,
    }


def funds_coming(hold) -> None:
    """A bank debit is under way: the clock to pay stands still, and work still waits."""
    engagement = _awaiting(hold)
    if engagement and engagement.funds_coming_at is None:
        _note(engagement, "funds_coming", funds_coming_at=clock.now())
        notices.on_its_way(engagement)


def funds_not_coming(hold, why: str = "") -> None:
    """The payment failed or its page closed unpaid. The time that it stood still is given back."""
    engagement = _awaiting(hold)
    if engagement is None:
        return
    now, old = clock.now(), engagement.fund_by
    fund_by = old
    if engagement.funds_coming_at:
        fund_by = calendar.after_quiet(old + (now - engagement.funds_coming_at), engagement.project.zone)
        applying.shift_answer_clock(engagement.project, old, fund_by)
    _note(engagement, "funds_failed", note=why, funds_coming_at=None, fund_by=fund_by)
    notices.funds_failed(engagement, why)


@transaction.atomic
def lapse_engagement(engagement: Engagement) -> bool:
    """The money did not come in time: the student is free and told why, the employer's record shows it. True when done.

    The posting stays open, so that the employer may make another offer while its answer clock runs.
    """
    project, application, engagement = lock_engagement(engagement)
    now = clock.now()
    waiting = engagement.state == EngagementState.AWAITING_FUNDS and engagement.funds_coming_at is None
    if not waiting or engagement.fund_by > now:
        return False
    holds.cancel_hold(by=None, hold=engagement.hold, reason="The funds were not secured in time.")
    move(
        engagement,
        EngagementState.CANCELLED,
        reason=EndReason.NO_FUNDS,
        end_reason=EndReason.NO_FUNDS,
        ended_at=now,
    )
    applying.finish(application, ApplicationState.EXPIRED, by=None, reason=DeclineReason.NO_FUNDS, tell=False)
    applying.shift_answer_clock(project, engagement.fund_by, now)
    notices.not_funded(engagement)
    engagement_ended.send(Engagement, engagement=engagement)
    return True


def lock_engagement(engagement: Engagement):
    """Project, application and engagement, locked in that order and tied to each other."""
    project, application = applying.lock(engagement.application)
    row = (
        Engagement.objects.select_for_update(of=("self",))
        .select_related("organisation", "student", "hold")
        .get(pk=engagement.pk)
    )
    row.project, row.application = project, application
    return project, application, row


def _awaiting(hold) -> Engagement | None:
    engagement = Engagement.objects.filter(hold=hold).first()
    if engagement is None:
        return None
    engagement = lock_engagement(engagement)[2]
    return engagement if engagement.state == EngagementState.AWAITING_FUNDS else None


def _note(engagement: Engagement, reason: str, note: str = "", **changes) -> None:
    Engagement.objects.filter(pk=engagement.pk).update(**changes)
    for name, value in changes.items():
        setattr(engagement, name, value)
    record(engagement, engagement.state, old=engagement.state, reason=reason, note=note)
