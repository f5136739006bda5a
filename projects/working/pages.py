"""What the pages show: the facts of a workspace put together once, for either side, from what `queries` fetched."""

from datetime import datetime

from django.utils import timezone

from marketplace.ground import clock, ids
from payments.holds import queries as holds
from projects.hiring.models import Engagement, Milestone
from projects.hiring.states import LIVE, EngagementState, MilestoneState
from projects.posting.wording import moment

from . import clocks, panels, promises, queries, story

E, M = EngagementState, MilestoneState
DOTS = {M.APPROVED: "done", M.SUBMITTED: "review", M.IN_PROGRESS: "now", M.CHANGES_REQUESTED: "now"}
LATEST = 3  # messages on the workspace


def when(at: datetime) -> str:
    """`Thu 5 March, 14:00` in the zone of whoever looks."""
    return moment(at, timezone.get_current_timezone_name())


def rows_of(user, engagements) -> list[dict]:
    """The rows of "my work": which side one is on, with whom, and the next step."""
    figures = holds.figures_of([e.hold for e in engagements if e.hold_id])
    rows = []
    for engagement in engagements:
        side = "student" if engagement.student_id == user.pk else "employer"
        milestones = list(engagement.milestones.all())
        rows.append(
            {
                "engagement": engagement,
                "side": side,
                "step": story.next_step(engagement, side),
                "amount": engagement.net if side == "student" else engagement.price,
                "other": engagement.organisation.name if side == "student" else engagement.student.name,
                "waits_for": engagement.organisation.name
                if side == "student"
                else engagement.student.get_short_name(),
                "done": sum(m.state == M.APPROVED for m in milestones),
                "of": len(milestones),
                "secured": bool(figures.get(engagement.hold_id, {}).get("secured")),
            }
        )
    return rows


def money_of(engagement: Engagement, side: str | None) -> dict | None:
    """The money bar: gross for the employer and moderators, net for the student."""
    if not engagement.hold_id:
        return None
    figures = holds.figures_of([engagement.hold])[engagement.hold_id]
    net = side == "student"
    paid, released, approved, held = (
        figures[("net_" if net else "") + name] for name in ("paid_out", "released", "releasing", "held")
    )
    whole = figures["net"] if net else figures["price"]
    segments = [
        {"kind": "released", "word": "Paid out to your bank" if net else "Paid out", "amount": paid},
        {"kind": "moving", "word": "Released to you" if net else "Released", "amount": released - paid},
        {"kind": "due", "word": "Approved, not sent yet", "amount": approved},
        {"kind": "held", "word": "Held by Stripe", "amount": held},
        {
            "kind": "held",
            "word": "Questioned at the bank",
            "amount": figures["net_disputed" if net else "disputed"],
        },
        {"kind": "held", "word": "Taken back, being decided", "amount": 0 if net else figures["recovered"]},
        {"kind": "open", "word": "Taken back by the bank", "amount": 0 if net else figures["charged_back"]},
        {
            "kind": "open",
            "word": "Never secured" if engagement.ended_at else "Not secured yet",
            "amount": 0 if figures["secured"] else whole,
        },
        {
            "kind": "open",
            "word": "Back to you" if side == "employer" else "Back to the employer",
            "amount": 0 if net else figures["refunded"] + figures["refunding"],
        },
        {"kind": "open", "word": "Back to the sponsor", "amount": 0 if net else figures["returned"]},
    ]
    shown = [segment for segment in segments if segment["amount"]]
    return {"segments": shown, "whole": sum(s["amount"] for s in shown) or whole, "figures": figures}


def shares_by_ref(engagement: Engagement) -> dict:
    hold = holds.hold_for(engagement.hold_ref) if engagement.hold_id else None
    return holds.shares_of(hold) if hold else {}


def workspace_of(user, engagement: Engagement) -> dict:
    side = queries.side_of(user, engagement)
    parts = shares_by_ref(engagement)
    milestones = [_milestone(user, side, row, parts) for row in engagement.milestones.all()]
    latest, unread = _messages(user, engagement) if side else ([], 0)
    extensions = queries.open_extensions(engagement)
    for asked in extensions:
        asked.mine, asked.acts = asked.asked_by_id == user.pk, queries.allowed_actions(user, asked)
    reviews = {review.side: review for review in engagement.reviews.all()}
    return {
        "engagement": engagement,
        "side": side,
        "acts": queries.allowed_actions(user, engagement),
        "step": story.next_step(engagement, side or "employer"),
        "money": money_of(engagement, side),
        "secured": promises.secured(engagement),
        "promises": promises.rows(engagement, parts, side),
        "milestones": milestones,
        "waiting": [m for m in milestones if m["row"].state == M.SUBMITTED],
        "extensions": extensions,
        "ending": queries.cancelling(engagement),
        "cancellation": getattr(engagement, "cancellation", None),
        "still": queries.stands_still(engagement),
        "panels": panels.panels_for(user, engagement, side),
        "latest": latest,
        "unread": unread,
        "form_token": ids.secret(),
        "may_post": side and _lives(engagement),
        "history": story.history(engagement),
        "terms": terms_of(engagement),
        "may_review": bool(
            side and engagement.review_until and side not in reviews and engagement.review_until > clock.now()
        ),
        "credential": getattr(engagement, "credential", None),
        "payouts": holds.payout_banner(user) if side == "student" else None,
        "done": sum(m["row"].state == M.APPROVED for m in milestones),
    }


def _milestone(user, side, row: Milestone, parts: dict) -> dict:
    part = parts.get(row.part_ref)
    versions = list(row.submissions.all())
    return {
        "row": row,
        "dot": DOTS.get(row.state, ""),
        "acts": queries.allowed_actions(user, row),
        "amount": row.net if side == "student" else row.price,
        "part": part,
        "latest": versions[0] if versions else None,
        "change": getattr(versions[0], "change_request", None) if versions else None,
        "rounds": clocks.rule(row.engagement, "revision_rounds"),
    }


def _messages(user, engagement: Engagement):
    """The latest messages and how many one has not read; the thread itself lives in a later room."""
    mark = engagement.read_marks.filter(user=user).first()
    theirs = engagement.messages.exclude(author=user)
    unread = (theirs.filter(at__gt=mark.at) if mark else theirs).count()
    latest = list(engagement.messages.select_related("author")[:LATEST])[::-1]
    for message in latest:
        message.mine = message.author_id == user.pk
    return latest, unread


def _lives(engagement: Engagement) -> bool:
    """Whether the two still write to each other: until the time to review is over."""
    return engagement.state in LIVE or bool(engagement.review_until and engagement.review_until > clock.now())


def terms_of(engagement: Engagement) -> dict:
    """What both agreed, in short."""
    return {
        "rounds": clocks.rule(engagement, "revision_rounds"),
        "days": clocks.rule(engagement, "revision_days"),
        "review_days": clocks.review_days(engagement, last=False),
        "last_days": clocks.review_days(engagement, last=True),
        "ai": queries.ai_rule(engagement),
        "show": engagement.project.get_show_right_display(),
        "delay": engagement.release_delay_days,
    }


def milestone_of(user, row: Milestone) -> dict:
    engagement = row.engagement
    side = queries.side_of(user, engagement)
    versions = list(queries.versions_of(row))
    others = list(engagement.milestones.all())
    return {
        "milestone": row,
        "engagement": engagement,
        "side": side,
        "versions": versions,
        "acts": queries.allowed_actions(user, row),
        "amount": row.net if side == "student" else row.price,
        "change": getattr(versions[0], "change_request", None) if versions else None,
        "part": shares_by_ref(engagement).get(row.part_ref),
        "ending": queries.cancelling(engagement),
        "panels": panels.panels_for(user, engagement, side),
        "still": queries.stands_still(engagement),
        "of": len(others),
        "rounds": clocks.rule(engagement, "revision_rounds"),
        "review_days": clocks.review_days(engagement, last=row.order == max(m.order for m in others)),
    }
