"""Reads of disputes: the two parties and moderators see them; `allowed_actions` says what may be done now."""

from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from marketplace.ground import clock
from marketplace.ground.errors import NotAllowed, WrongMoment
from marketplace.ground.money import step
from payments.holds import queries as holds
from projects.hiring.models import Engagement, Milestone
from projects.hiring.states import EngagementState, MilestoneState
from projects.working import queries as working

from .models import Dispute, Side, Statement, StatementFile
from .states import BETWEEN_THEM, OPEN, TO_DECIDE, DisputeState

D, M = DisputeState, MilestoneState
BEGUN = (M.IN_PROGRESS, M.CHANGES_REQUESTED, M.SUBMITTED)
MOVED = "Its money has moved already, so there is nothing left to decide."
FROZEN = "The payment is being questioned at the bank. No money of it can move until that is settled."
STOPPED = "A moderator is looking at the payment. No money of it can move until that is settled."


# --- who sees what ---------------------------------------------------------------------------------------
def visible_to(user) -> QuerySet[Dispute]:
    """The disputes of the engagements that `user` is a party of; all of them for moderators."""
    rows = Dispute.objects.filter(engagement__in=working.visible_to(user).order_by())
    return rows.select_related(
        "milestone",
        "engagement__project",
        "engagement__organisation",
        "engagement__student",
        "engagement__hold",
        "decided_by",
    )


def with_words(rows: QuerySet[Dispute]) -> QuerySet[Dispute]:
    """`rows` with everything that was said, and the files with it."""
    said = Statement.objects.select_related("by").prefetch_related("files")
    return rows.prefetch_related(Prefetch("statements", said))


def files_visible_to(user) -> QuerySet[StatementFile]:
    return StatementFile.objects.filter(
        statement__dispute__engagement__in=working.visible_to(user).order_by()
    )


def fresh(dispute: Dispute) -> Dispute:
    """The dispute as it is now, whatever the object in hand remembers."""
    return Dispute.objects.select_related("milestone", "engagement__project", "engagement__hold").get(
        pk=dispute.pk
    )


def open_of(engagement: Engagement) -> Dispute | None:
    """The one that is open; reads what `working.whole` and `working.mine` have fetched."""
    return next((one for one in engagement.disputes.all() if one.is_open), None)


# --- what may be done now --------------------------------------------------------------------------------
def allowed_actions(user, thing) -> dict[str, str | None]:
    """Each act of the user's role on a milestone (`dispute`) or on a dispute: None, or why not now.

    Of a party: answer, accept, withdraw, accept_decision, appeal, as far as they are that side's. Of a moderator:
    decide.
    """
    if isinstance(thing, Milestone):
        side = working.side_of(user, thing.engagement)
        return {"dispute": _open(side, thing)} if side else {}
    acts = _of_party(working.side_of(user, thing.engagement), thing)
    if user.is_authenticated and user.is_staff:
        acts["decide"] = decide_refusal(user, thing)
    return acts


def insist(user, thing, act: str) -> None:
    """Raise `NotAllowed` when `act` is not for `user`, `WrongMoment` with the reason when it is not for now."""
    acts = allowed_actions(user, thing)
    if act not in acts:
        raise NotAllowed("This is for the other side or for a moderator to do.")
    if acts[act] is not None:
        raise WrongMoment(acts[act])


def _open(side: str, milestone: Milestone) -> str | None:
    engagement = milestone.engagement
    if engagement.state != EngagementState.ACTIVE:
        return working.NOT_ACTIVE[engagement.state]
    if engagement.disputed_at:
        return "A dispute about this project is open. It has to end before another begins."
    if frozen := money_stopped(engagement):
        return frozen
    if working.cancelling(engagement):
        return "This project is being ended. What is paid then follows from the agreement."
    if milestone.state == M.PLANNED:
        return "The work on this milestone has not begun."
    if milestone.state not in BEGUN:
        return MOVED
    if any(one.milestone_id == milestone.pk and one.side == side for one in engagement.disputes.all()):
        return "You have had a dispute about this milestone. Each side can open one."
    return None


def money_stopped(engagement: Engagement) -> str | None:
    """Why no money of it can move now, the dispute aside."""
    hold = engagement.hold
    if hold is None or hold.frozen_at is None:
        return None
    return FROZEN if hold.stopped_by_bank else STOPPED


def _of_party(side: str | None, dispute: Dispute) -> dict[str, str | None]:
    if side is None:
        return {}
    acts = {"accept": _accept(side, dispute)}
    if side == dispute.side:
        acts["withdraw"] = None if dispute.state in BETWEEN_THEM else _is(dispute)
    else:
        acts["answer"] = _answer(dispute)
    acts["accept_decision"] = _decision(side, dispute)
    acts["appeal"] = _decision(side, dispute)
    return acts


def _is(dispute: Dispute) -> str:
    return f"This dispute is at another point: {dispute.get_state_display().lower()}."


def _answer(dispute: Dispute) -> str | None:
    if dispute.state != D.OPENED:
        return "You have answered." if dispute.offered is not None else _is(dispute)
    return "The time to answer is over." if dispute.answer_by <= clock.now() else None


def on_the_table(side: str, dispute: Dispute) -> int | None:
    """The amount that the other side has named and that `side` could accept."""
    return dispute.offered if side == dispute.side else dispute.asked


def _accept(side: str, dispute: Dispute) -> str | None:
    if dispute.state not in BETWEEN_THEM:
        return _is(dispute)
    if on_the_table(side, dispute) is None:
        return "The other side has not named an amount yet."
    return money_stopped(dispute.engagement)


def _decision(side: str, dispute: Dispute) -> str | None:
    if dispute.state != D.DECIDED:
        return _is(dispute)
    if dispute.accepted_at(side):
        return "You have accepted the decision."
    return "The time to appeal is over." if dispute.appeal_until <= clock.now() else None


def decide_refusal(user, dispute: Dispute) -> str | None:
    """Why this moderator may not decide now; None when they may."""
    if dispute.state not in TO_DECIDE:
        return f"Nothing is to be decided: {dispute.get_state_display().lower()}."
    if working.side_of(user, dispute.engagement):
        return "You are on one of the two sides, so another moderator decides."
    if dispute.state == D.APPEALED:
        if dispute.decided_by_id == user.pk:
            return "You decided first. Another moderator hears the appeal."
        return money_stopped(dispute.engagement)  # a final decision moves the money at once
    return None


# --- what the pages and the clocks ask ---------------------------------------------------------------------
def parts_of(milestone: Milestone) -> list:
    return holds.parts_for(milestone.engagement.hold_ref, milestone.part_ref)


def suggested(dispute: Dispute) -> int:
    """Half-way between what the two named, in steps that Stripe can send; the one amount when only one did."""
    if dispute.offered is None:
        return dispute.asked
    unit = step(dispute.engagement.currency)
    return (dispute.asked + dispute.offered) // 2 // unit * unit


def waits_for(dispute: Dispute) -> tuple[str, datetime | None]:
    """Who does the next thing ("student", "employer", "both", "moderator", "nobody") and by when."""
    if dispute.state == D.OPENED:
        return dispute.other_side, dispute.answer_by
    if dispute.state == D.ANSWERED:
        return dispute.side, dispute.agree_by
    if dispute.state in TO_DECIDE:
        return Side.MODERATOR, dispute.decide_by
    if dispute.state == D.DECIDED:
        left = [side for side in (Side.STUDENT, Side.EMPLOYER) if not dispute.accepted_at(side)]
        return ("both" if len(left) == 2 else left[0]), dispute.appeal_until
    return "nobody", dispute.closed_at


def unanswered(now: datetime) -> QuerySet[Dispute]:
    """Nobody answered in time, or the two did not agree in time: a moderator's turn."""
    return Dispute.objects.filter(
        Q(state=D.OPENED, answer_by__lte=now) | Q(state=D.ANSWERED, agree_by__lte=now)
    )


def not_appealed(now: datetime) -> QuerySet[Dispute]:
    """Decided, and either accepted by both or not appealed in time; the money can move."""
    accepted = Q(student_accepted_at__isnull=False, employer_accepted_at__isnull=False)
    return Dispute.objects.filter(
        Q(appeal_until__lte=now) | accepted, state=D.DECIDED, engagement__hold__frozen_at=None
    )


def to_decide() -> QuerySet[Dispute]:
    """A moderator's desk, the most urgent first."""
    return Dispute.objects.filter(state__in=TO_DECIDE).order_by("decide_by", "pk")


def still_open() -> QuerySet[Dispute]:
    return Dispute.objects.filter(state__in=OPEN)
