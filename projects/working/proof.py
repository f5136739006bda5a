"""What an engagement's history says to a bank that questions the payment: who agreed to what, and what was done."""

from accounts.employers.queries import members
from marketplace.ground.models import StateChange
from marketplace.ground.money import show
from payments.disputes.actions.evidence import rules_in_words
from payments.holds.models import Hold
from projects.hiring.models import Engagement

from .models import Submission

DAY = "%d %B %Y, %H:%M UTC"
LONGEST = 9_000  # of the agreement's own text: the bank reads the beginning


def facts(hold: Hold) -> dict[str, str]:
    """Stripe's evidence fields for the engagement of `hold`; {} when the hold is nobody's. Registered with payments."""
    engagement = (
        Engagement.objects.select_related("organisation", "student", "project", "agreement", "offer__made_by")
        .filter(hold_id=hold.pk)
        .first()
    )
    if engagement is None:
        return {}
    payer = hold.fundings.exclude(by=None).select_related("by").order_by("-id").first()
    people = members(engagement.organisation)
    buyer = payer.by if payer else (people[0] if people else None)
    return {
        "customer_name": engagement.organisation.name,
        "customer_email_address": buyer.email if buyer else "",
        "product_description": f"{engagement.title}: work by a freelance student, {engagement.hours} hours planned, "
        f"{show(engagement.price, engagement.currency)} in all, in {engagement.milestones.count()} milestones.",
        "service_date": _service_dates(engagement),
        "access_activity_log": _log(engagement),
        "cancellation_policy_disclosure": rules_in_words(),
        "refund_policy_disclosure": rules_in_words(),
        "refund_refusal_explanation": _approved(engagement),
        "uncategorized_text": _agreement(engagement),
    }


def _service_dates(engagement: Engagement) -> str:
    begin = engagement.started_at or engagement.created_at
    end = engagement.ended_at
    return f"{begin:%Y-%m-%d}" + (
        f" to {end:%Y-%m-%d}" if end else f", agreed until {engagement.due_on:%Y-%m-%d}"
    )


def _log(engagement: Engagement) -> str:
    """Every step with its date, oldest first: agreement, hand-ins, changes asked for, approvals, messages."""
    milestones = {m.pk: m.title for m in engagement.milestones.all()}
    lines = [
        (
            change.at,
            f"{milestones.get(change.thing_id, engagement.title)}: {change.to_state.replace('_', ' ')}",
        )
        for change in StateChange.of(engagement, *engagement.milestones.all())
    ]
    lines += [
        (one.at, f"{one.milestone.title}: version {one.version} was handed in with {one.files.count()} files")
        for one in Submission.objects.filter(milestone__engagement=engagement).select_related("milestone")
    ]
    for dispute in engagement.disputes.all():
        title = milestones.get(dispute.milestone_id, engagement.title)
        lines.append((dispute.opened_at, f"{title}: one party opened a dispute under the agreement"))
        if dispute.closed_at:
            paid = (
                "" if dispute.pays is None else f", {show(dispute.pays, engagement.currency)} to the student"
            )
            how = (dispute.get_how_display() or dispute.get_state_display()).lower()
            lines.append((dispute.closed_at, f"{title}: the dispute ended: {how}{paid}"))
    messages = engagement.messages.order_by("at")
    lines += [(one.at, "Message between the two parties") for one in messages[:100]]
    return "\n".join(f"{at:{DAY}}  {text}" for at, text in sorted(lines, key=lambda line: line[0]))


def _approved(engagement: Engagement) -> str:
    rows = [m for m in engagement.milestones.all() if m.approved_at]
    outcomes = {one.milestone_id for one in engagement.disputes.all() if one.state == "settled"}
    said = [
        f"“{m.title}” ({show(m.price, engagement.currency)}) was approved on {m.approved_at:{DAY}}"
        + _how(m, outcomes)
        for m in rows
    ]
    return "\n".join(said)


def _how(milestone, outcomes: set[int]) -> str:
    if milestone.pk in outcomes:
        return ", as the outcome of a dispute under the agreement."
    silent = milestone.approved_by_silence
    return ", by the agreed rule that silence is approval." if silent else " by the customer."


def _agreement(engagement: Engagement) -> str:
    agreement = getattr(engagement, "agreement", None)
    if agreement is None:
        return ""
    return (
        f"The customer accepted the agreement below on {agreement.employer_accepted_at:{DAY}}, the student on "
        f"{agreement.student_accepted_at:{DAY}}. SHA-256 of its text: {agreement.digest}\n\n{agreement.text[:LONGEST]}"
    )
