"""The money of an engagement as promises: by when each step was to come, when it came, and what waits and why."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from marketplace.ground import clock
from marketplace.ground.money import show
from payments.holds import states as money
from payments.holds.queries import Share
from projects.hiring.models import Engagement, Milestone
from projects.hiring.states import EngagementState, MilestoneState
from projects.posting.wording import count

from . import clocks

M = MilestoneState
AN_HOUR = timedelta(hours=1)  # approved work is released within it
KEPT, LATE, DUE, OVERDUE, AHEAD, NEVER = "kept", "late", "due", "overdue", "ahead", "never"


@dataclass(frozen=True)
class Step:
    """`by`: promised. `at`: when it came. `state`: kept, late, due, overdue, ahead, or never (it will not come).
    `rule`: what is promised in words, for a step that has no day yet.
    """

    label: str
    state: str
    by: datetime | None = None
    at: datetime | None = None
    rule: str = ""


@dataclass(frozen=True)
class Row:
    """One milestone: its steps in order, and sentences about what waits, what is late and who pays."""

    milestone: Milestone
    amount: int
    steps: list[Step]
    notes: list[str] = field(default_factory=list)
    fix: bool = False  # the student's payout set-up would help


def _step(
    label: str, by: datetime | None, at: datetime | None, *, open_: bool = True, rule: str = ""
) -> Step:
    if at:
        state = LATE if by and at > by + AN_HOUR else KEPT
    elif not open_:
        state = NEVER
    elif by is None:
        state = AHEAD
    else:
        state = OVERDUE if by + AN_HOUR < clock.now() else DUE
    return Step(label, state, by, at, rule if state == AHEAD else "")


def secured(engagement: Engagement) -> Step:
    """The one step of the whole project: the money is there before the work starts."""
    ended = engagement.state == EngagementState.CANCELLED
    return _step("Secured", engagement.fund_by, engagement.funded_at, open_=not ended)


def rows(engagement: Engagement, shares: dict[str, Share], side: str | None) -> list[Row]:
    """A row for each milestone; `shares` from `holds.queries.shares_of`."""
    milestones = list(engagement.milestones.all())
    last = max((milestone.order for milestone in milestones), default=0)
    return [
        _row(
            engagement,
            milestone,
            shares.get(milestone.part_ref),
            side,
            clocks.review_days(engagement, last=milestone.order == last),
        )
        for milestone in milestones
    ]


def _row(engagement, milestone: Milestone, share: Share | None, side: str | None, days: int) -> Row:
    """days: business days that an answer may take."""
    releases = [part.release for part in share.parts if part.release] if share else []
    goes_on = milestone.state != M.CANCELLED
    steps = [
        _step("Handed in", milestone.due_at, _first_handed_in(milestone), open_=goes_on),
        _step(
            "Approved",
            milestone.review_ends_at,
            milestone.approved_at,
            open_=goes_on,
            rule=f"within {count(days, 'business day')} of the hand-in",
        ),
        _released(engagement, milestone, releases, goes_on),
    ]
    if side != "employer":
        steps.append(_arrived(releases, goes_on))
    notes, fix = _notes(milestone, share, releases, side)
    notes += _disputed(engagement, milestone)
    return Row(milestone, milestone.net if side == "student" else milestone.price, steps, notes, fix)


def _disputed(engagement: Engagement, milestone: Milestone) -> list[str]:
    """What a dispute about it does or did (a later room; reached by its relation's name)."""
    notes = []
    for one in engagement.disputes.all():
        if one.milestone_id == milestone.pk and one.closed_at is None:
            notes.append("A dispute about it is open, so nothing of it moves.")
        elif one.milestone_id == milestone.pk and one.pays is not None:
            paid, whole = show(one.pays, engagement.currency), show(milestone.net, engagement.currency)
            notes.append(f"Settled in a dispute: {paid} of {whole} for the student.")
    return notes


def _first_handed_in(milestone: Milestone) -> datetime | None:
    versions = list(milestone.submissions.all())
    return versions[-1].at if versions else milestone.submitted_at


def _released(engagement, milestone, releases, goes_on: bool) -> Step:
    sent = [release.sent_at for release in releases if release.sent_at]
    at = max(sent) if sent and len(sent) == len(releases) else None
    by = max((release.due_at for release in releases), default=None)
    if by is None and milestone.approved_at:
        by = milestone.approved_at + timedelta(days=engagement.release_delay_days)
    wait = engagement.release_delay_days
    rule = f"{count(wait, 'day')} after approval" if wait else "within an hour of approval"
    return _step("Released", by, at, open_=goes_on or bool(releases), rule=rule)


def _arrived(releases, goes_on: bool) -> Step:
    payouts = [release.payout for release in releases if release.payout]
    whole = bool(payouts) and len(payouts) == len(releases)
    paid = [payout.paid_at for payout in payouts if payout.paid_at]
    at = max(paid) if whole and len(paid) == len(payouts) else None
    by = max((payout.arrival_at for payout in payouts if payout.arrival_at), default=None) if whole else None
    if by and at and at.date() <= by.date():
        return Step("In the bank", KEPT, by, at)  # a bank promises a day, not an hour
    rule = "Stripe names the day once it is sent"
    return _step("In the bank", by, at, open_=goes_on or bool(releases), rule=rule)


def _notes(milestone: Milestone, share: Share | None, releases, side) -> tuple[list[str], bool]:
    """What waits and why, honestly, for whoever looks."""
    if share is None:
        return [], False
    student, currency = side == "student", share.parts[0].hold.currency
    notes, status = [], share.status
    if status == "waiting_payee":
        notes.append(
            "It waits for your payout set-up, and goes the moment that is complete."
            if student
            else "It waits for the student's payout set-up. You have nothing to do."
        )
    elif status == "scheduled":
        notes.append(
            "Released some days after approval, as the agreement says of an employer's first project."
        )
    elif status == "frozen":
        notes.append("The payment is being questioned, so nothing moves until that is settled.")
    elif status in ("reversed", "reversing", "charged_back"):
        notes.append("Taken back after a refund or a dispute with the payer's bank.")
    if any(release.state == money.WAITING_FUNDS for release in releases):
        notes.append("Stripe has not made the payment available yet. We try again every few minutes.")
    if milestone.approved_by_silence:
        notes.append("Approved because nobody answered in time.")
    offset = sum(release.offset for release in releases)
    if student and offset:
        notes.append(f"{show(offset, currency)} of it repaid what you owed after a payment was taken back.")
    names = sorted({part.lot.wallet.sponsor for part in share.parts if part.lot_id})
    if names:
        notes.append(f"{show(share.sponsored, currency)} of it is paid by {' and '.join(names)}.")
    return notes, student and status == "waiting_payee"
