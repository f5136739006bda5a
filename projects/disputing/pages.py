"""What the pages show of a dispute: the panel on the workspace, the page of its own, and the next step in words."""

from marketplace.ground.models import StateChange
from payments.holds import queries as holds
from projects.hiring.models import Engagement
from projects.working import queries as working
from projects.working.story import NextStep

from . import queries
from .models import Dispute
from .states import BETWEEN_THEM, TO_DECIDE, DisputeState

D = DisputeState


def next_step(engagement: Engagement, side: str) -> NextStep:
    """The next step of an engagement in dispute, for one side; reads only what `working.mine` has fetched."""
    dispute = queries.open_of(engagement)
    if dispute is None:
        return NextStep("A dispute is being looked at", "moderator")
    milestone = next(m for m in engagement.milestones.all() if m.pk == dispute.milestone_id)
    who, at = queries.waits_for(dispute)
    text = {
        D.OPENED: f"Answer the dispute about “{milestone.title}”",
        D.ANSWERED: f"Look at the other amount in the dispute about “{milestone.title}”",
        D.DECIDED: f"Accept the decision about “{milestone.title}”, or appeal",
    }.get(dispute.state, f"A moderator decides the dispute about “{milestone.title}”")
    if who == "moderator":
        return NextStep(text, who, at, milestone)
    return NextStep(text, "you" if who in (side, "both") else "them", at, milestone)


def panel(user, engagement: Engagement, side: str | None) -> dict | None:
    """The workspace's panel: the open dispute, what ended before, and the milestones that one could open one about."""
    rows = list(engagement.disputes.all())
    milestones = {m.pk: m for m in engagement.milestones.all()}
    for row in rows:
        row.engagement, row.milestone = engagement, milestones[row.milestone_id]
    may_open = {
        m.pk for m in milestones.values() if queries.allowed_actions(user, m).get("dispute", "") is None
    }
    found = queries.open_of(engagement)
    if not (rows or may_open):
        return None
    return {
        "open": found and _standing(user, found, side),
        "past": [row for row in rows if not row.is_open],
        "settled": {row.milestone_id for row in rows if row.state == D.SETTLED},
        "may_open": may_open,
    }


def _standing(user, dispute: Dispute, side: str | None) -> dict:
    """The facts that panel and page share."""
    who, at = queries.waits_for(dispute)
    return {
        "row": dispute,
        "acts": queries.allowed_actions(user, dispute),
        "who": "you" if who in (side, "both") else who,
        "at": at,
        "by_student": dispute.asked if dispute.side == "student" else dispute.offered,
        "by_employer": dispute.asked if dispute.side == "employer" else dispute.offered,
        "table": queries.on_the_table(side, dispute) if side and dispute.state in BETWEEN_THEM else None,
        "between": dispute.state in BETWEEN_THEM,
        "desk": dispute.state in TO_DECIDE,
    }


def dispute_of(user, dispute: Dispute) -> dict:
    """The page of one dispute, read by `queries.with_words`."""
    engagement = dispute.engagement
    side = working.side_of(user, engagement)
    parts = queries.parts_of(dispute.milestone)
    found = _standing(user, dispute, side)
    return {
        **found,
        "dispute": dispute,
        "milestone": dispute.milestone,
        "engagement": engagement,
        "side": side,
        "statements": list(dispute.statements.all()),
        "if_accepted": _division(parts, found["table"]),
        "if_decided": _division(parts, dispute.decided) if dispute.state == D.DECIDED else None,
        "came_to": _division(parts, dispute.pays),
        "stopped": queries.money_stopped(engagement) if dispute.is_open else None,
        "history": history(dispute),
    }


def _division(parts, pays: int | None):
    return None if pays is None else holds.division(parts, pays)


def history(dispute: Dispute) -> list:
    """What happened, oldest first, in words."""
    words = {
        D.OPENED: "Opened; every date stands still",
        D.ANSWERED: "Answered with another amount",
        D.DECIDING: "Passed to a moderator",
        D.DECIDED: "A moderator decided",
        D.APPEALED: "Appealed",
        D.SETTLED: "Settled, and the money moved",
        D.WITHDRAWN: "Withdrawn",
        D.OVERTAKEN: "Ended with the project",
        "accepted": "The decision was accepted",
    }
    why = {"silence": "nobody answered in time", "no_agreement": "the two did not agree in time"}
    changes = list(StateChange.of(dispute))
    for change in changes:
        more = f", because {why[change.reason]}" if change.reason in why else ""
        change.said = words.get(change.to_state, change.to_state) + more
    return changes
