"""An engagement told: what happens next, who does it and by when, and what happened so far."""

from dataclasses import dataclass
from datetime import datetime

from marketplace.ground.models import StateChange
from projects.hiring.models import Engagement, Milestone
from projects.hiring.states import EngagementState, MilestoneState

from .queries import OPEN_WORK, cancelling

E, M = EngagementState, MilestoneState


@dataclass(frozen=True)
class NextStep:
    """What happens next, who does it ("you", "them", "nobody") and by when."""

    text: str
    who: str
    at: datetime | None = None
    milestone: Milestone | None = None


def _standing_still(engagement: Engagement, side: str) -> NextStep:
    return NextStep("A dispute is being looked at", "nobody")


_dispute_step = _standing_still


def register_dispute(function) -> None:
    """Let a later room say the next step of an engagement in dispute: `function(engagement, side)` -> `NextStep`."""
    global _dispute_step
    _dispute_step = function


def next_step(engagement: Engagement, side: str) -> NextStep:
    """For one side of the table; reads only what `mine` has fetched."""
    student = side == "student"
    if engagement.disputed_at:
        return _dispute_step(engagement, side)
    if engagement.state == E.AWAITING_FUNDS:
        if engagement.funds_coming_at:
            return NextStep("The payment is on its way", "nobody")
        return NextStep(
            "The employer secures the funds" if student else "Secure the funds",
            "them" if student else "you",
            engagement.fund_by,
        )
    if engagement.state == E.FUNDED:
        return NextStep("Start the project", "you", engagement.kickoff_by)
    if engagement.state == E.ACTIVE:
        return _next_work(engagement, student)
    return NextStep(
        "Completed" if engagement.state == E.COMPLETED else "Cancelled", "nobody", engagement.ended_at
    )


def _next_work(engagement, student: bool) -> NextStep:
    rows = list(engagement.milestones.all())
    ending = cancelling(engagement)
    if ending:
        return NextStep("Hand in what there is", "you" if student else "them", ending.settles_at)
    doing = next((m for m in rows if m.state in OPEN_WORK), None)
    reviewing = next((m for m in rows if m.state == M.SUBMITTED), None)
    them, you = ("them", "you") if student else ("you", "them")
    if reviewing and (not student or doing is None):
        return NextStep(f"Answer to “{reviewing.title}”", them, reviewing.review_ends_at, reviewing)
    if doing:
        verb = "Make the changes to" if doing.state == M.CHANGES_REQUESTED else "Hand in"
        return NextStep(f"{verb} “{doing.title}”", you, doing.due_at, doing)
    return NextStep("Nothing is open", "nobody")


def history(engagement: Engagement, most: int = 30) -> list[StateChange]:
    """What happened, newest first, in the words of the two parties."""
    changes = StateChange.of(engagement, *engagement.milestones.all()).order_by("-at", "-id")[:most]
    titles = {m.pk: m.title for m in engagement.milestones.all()}
    for change in changes:
        change.said = _said(change, titles)
    return list(changes)


def _said(change: StateChange, titles: dict[int, str]) -> str:
    if change.kind == Milestone._meta.label_lower:
        words = {"submitted": "handed in", "in_progress": "began", "changes_requested": "changes asked for"}
        what = words.get(change.to_state, change.to_state.replace("_", " "))
        silence = ", because nobody answered in time" if change.reason == "silence" else ""
        if change.reason == "dispute":
            what, silence = (
                ("approved" if change.to_state == "approved" else "ended"),
                " by the dispute's outcome",
            )
        return f"{titles.get(change.thing_id, 'Milestone')}: {what}{silence}"
    words = {
        "awaiting_funds": "Offer accepted",
        "funded": "Funds secured",
        "active": "Work started",
        "dates_moved": "Dates moved",
        "ending": "The employer is ending the project",
        "disputed": "A dispute was opened, and every date stands still",
        "dispute_over": "The dispute is over",
    }
    return words.get(change.to_state, change.to_state.replace("_", " ").capitalize())
