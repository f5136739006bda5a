"""Reads of the work. Every list starts from `visible_to`; `allowed_actions` says what may be done now, or why not."""

from datetime import datetime, timedelta

from django.db.models import Prefetch, Q

from accounts.employers.models import Membership
from marketplace.ground import clock
from marketplace.ground.errors import NotAllowed, WrongMoment
from payments.holds import queries as holds
from payments.holds.models import Hold
from payments.holds.states import FAILED
from projects.hiring.models import Engagement, Milestone
from projects.hiring.states import LIVE, EngagementState, MilestoneState
from projects.posting.models import AiRule

from . import clocks, split
from .models import Cancellation, Extension, Submission, SubmissionFile
from .states import ExtensionState

E, M = EngagementState, MilestoneState
OPEN_WORK = (M.IN_PROGRESS, M.CHANGES_REQUESTED)  # the student can hand in
UNFINISHED = (M.PLANNED, *OPEN_WORK, M.SUBMITTED)
STANDS_STILL = "A disagreement is being looked at, so everything stands still until a moderator has decided."
MONEY_FROZEN = (
    "The payment is being questioned at the bank, so everything stands still until that is settled."
)
MONEY_STOPPED = "A moderator is looking at the payment, so everything stands still until that is settled."
NOT_ACTIVE = {
    E.AWAITING_FUNDS: "The work starts when the funds are secured.",
    E.FUNDED: "The project has not started yet.",
    E.COMPLETED: "This project is completed.",
    E.CANCELLED: "This project was cancelled.",
}


# --- who sees what --------------------------------------------------------------------------------------
def visible_to(user):
    """The engagements whose work `user` may see: the two parties and moderators."""
    rows = Engagement.objects.select_related("project", "organisation", "student")
    if not user.is_authenticated:
        return rows.none()
    if user.is_staff:
        return rows
    member_of = Membership.objects.filter(user=user).values("organisation")
    return rows.filter(Q(student=user) | Q(organisation__in=member_of))


def milestones_visible_to(user):
    return (
        Milestone.objects.filter(engagement__in=visible_to(user))
        .select_related(
            "engagement__project",
            "engagement__organisation",
            "engagement__student",
            "engagement__hold",
            "engagement__agreement",
            "engagement__cancellation",
            "engagement__offer",
        )
        .prefetch_related(
            "extensions", Prefetch("engagement__milestones", Milestone.objects.order_by("order"))
        )
    )


def fresh(milestone: Milestone) -> Milestone:
    """The milestone as it is now, whatever the object in hand remembers."""
    return Milestone.objects.select_related("engagement__project", "engagement__hold").get(pk=milestone.pk)


def files_visible_to(user):
    return SubmissionFile.objects.filter(submission__milestone__engagement__in=visible_to(user))


def extensions_visible_to(user):
    return Extension.objects.filter(milestone__engagement__in=visible_to(user)).select_related(
        "milestone__engagement__project",
        "milestone__engagement__organisation",
        "milestone__engagement__student",
    )


def side_of(user, engagement: Engagement) -> str | None:
    """ "student" or "employer" for the parties, None for everybody else (moderators look on)."""
    if user is None or not user.is_authenticated:
        return None
    if engagement.student_id == user.pk:
        return "student"
    known = engagement.__dict__.setdefault("_employer_side", {})
    if user.pk not in known:
        known[user.pk] = Membership.objects.filter(
            user=user, organisation_id=engagement.organisation_id
        ).exists()
    return "employer" if known[user.pk] else None


def mine(user, *, live: bool):
    """One's own engagements on either side, with milestones: the live ones by what is due, or the ended ones."""
    member_of = Membership.objects.filter(user=user).values("organisation")
    rows = (
        Engagement.objects.filter(Q(student=user) | Q(organisation__in=member_of))
        .select_related("project", "organisation", "student", "hold", "cancellation")
        .prefetch_related("milestones", "disputes")
    )
    if live:
        return rows.filter(state__in=LIVE).order_by("due_on", "-created_at")
    return rows.exclude(state__in=LIVE).order_by("-ended_at", "-created_at")


# --- what may be done now ---------------------------------------------------------------------------------
def allowed_actions(user, thing) -> dict[str, str | None]:
    """Each act of the user's role on an engagement, a milestone or an extension: None, or why not now."""
    if isinstance(thing, Engagement):
        return _on_engagement(side_of(user, thing), thing)
    if isinstance(thing, Milestone):
        return _on_milestone(side_of(user, thing.engagement), thing)
    return _on_extension(side_of(user, thing.milestone.engagement), thing)


def insist(user, thing, act: str) -> None:
    """Raise `NotAllowed` when `act` is not for `user`, `WrongMoment` with the reason when it is not for now."""
    acts = allowed_actions(user, thing)
    if act not in acts:
        raise NotAllowed("This is for the other side to do.")
    if acts[act] is not None:
        raise WrongMoment(acts[act])


def stands_still(engagement: Engagement) -> str | None:
    if engagement.disputed_at:
        return STANDS_STILL
    if engagement.hold_id and engagement.hold.frozen_at:
        return MONEY_FROZEN if engagement.hold.stopped_by_bank else MONEY_STOPPED
    return None


def is_running(engagement: Engagement) -> bool:
    return engagement.state == E.ACTIVE and stands_still(engagement) is None


def ever_disputed(engagement: Engagement) -> bool:
    """Whether a dispute is open, or one has ended in anything but its withdrawal."""
    return engagement.disputed_at is not None or engagement.disputes.exclude(state="withdrawn").exists()


def ever_refunded(engagement: Engagement) -> bool:
    return engagement.hold.refunds.exclude(state=FAILED).exists()


def ai_rule(engagement: Engagement) -> AiRule:
    """The rule on AI tools that the agreement froze."""
    agreement = getattr(engagement, "agreement", None)
    return AiRule((agreement.terms.get("ai_rule") if agreement else None) or engagement.project.ai_rule)


def cancelling(engagement: Engagement) -> Cancellation | None:
    """The employer's cancellation that has not settled yet."""
    found = getattr(engagement, "cancellation", None)
    return found if found and not found.settled_at else None


def _on_engagement(side, engagement) -> dict[str, str | None]:
    if side is None:
        return {}
    acts = {"kick_off": _kick_off(engagement), "cancel": _cancel(engagement)}
    if side == "employer":
        handed_in = any(m.state == M.SUBMITTED for m in engagement.milestones.all())
        acts["approve_all"] = _active(engagement) or (
            None if handed_in else "Nothing is waiting for your answer."
        )
    return acts


def _kick_off(engagement) -> str | None:
    if engagement.state == E.ACTIVE:
        return "The project has already started."
    if engagement.state != E.FUNDED:
        return NOT_ACTIVE[engagement.state]
    return stands_still(engagement)


def _cancel(engagement) -> str | None:
    if engagement.state not in LIVE:
        return NOT_ACTIVE[engagement.state]
    if cancelling(engagement):
        return "This project is already being ended."
    return stands_still(engagement)


def _active(engagement) -> str | None:
    return NOT_ACTIVE[engagement.state] if engagement.state != E.ACTIVE else stands_still(engagement)


def _on_milestone(side, milestone) -> dict[str, str | None]:
    engagement = milestone.engagement
    if side == "student":
        return {
            "submit": _active(engagement) or _submit(milestone),
            "ask_extension": _active(engagement) or _ask_extension(milestone),
        }
    if side == "employer":
        return {
            "approve": _active(engagement) or _approve(milestone),
            "request_changes": _active(engagement) or _request_changes(milestone),
            "ask_extension": _active(engagement) or _ask_extension(milestone),
        }
    return {}


def _submit(milestone) -> str | None:
    if milestone.state in OPEN_WORK:
        return None
    if milestone.state == M.PLANNED:
        return "The milestone before this one comes first."
    return (
        "This milestone is with the employer."
        if milestone.state == M.SUBMITTED
        else "This milestone is closed."
    )


def _approve(milestone) -> str | None:
    if milestone.state == M.SUBMITTED:
        return None
    return (
        "This milestone is approved."
        if milestone.state == M.APPROVED
        else "Nothing has been handed in to approve."
    )


def _request_changes(milestone) -> str | None:
    if milestone.state != M.SUBMITTED:
        return _approve(milestone)
    engagement = milestone.engagement
    if cancelling(engagement):
        return "You are ending this project, so no new round of changes can begin."
    rounds = clocks.rule(engagement, "revision_rounds")
    if milestone.rounds_used >= rounds:
        return f"The {rounds} rounds of changes that the agreement includes are used."
    return None


def _ask_extension(milestone) -> str | None:
    engagement = milestone.engagement
    if milestone.state not in (M.PLANNED, M.IN_PROGRESS):
        return "More time can be asked for before the first version is handed in."
    if cancelling(engagement):
        return "This project is being ended."
    hours = clocks.rule(engagement, "extension_notice_hours")
    if milestone.due_at - clock.now() < timedelta(hours=hours):
        return f"More time has to be asked for at least {hours} hours before the date."
    if any(e.state == ExtensionState.ASKED for e in milestone.extensions.all()):
        return "More time has been asked for already, and waits for an answer."
    first, last = extension_days(milestone)
    return None if last >= first else "This milestone has already been extended as far as the rules allow."


def extension_days(milestone: Milestone):
    """The first and last day until which more time can be asked for (none when last < first)."""
    engagement = milestone.engagement
    others = {m.order: m for m in engagement.milestones.all()}
    before = [m for order, m in others.items() if order < milestone.order]
    begins = (
        max((m.due_at for m in before), default=None)
        or engagement.started_at
        or clocks.agreed_start(engagement)
    )
    zone = clocks.zone_of(engagement)
    granted = sum(
        (clocks.local_day(e.until, zone) - clocks.local_day(e.due_before, zone)).days
        for e in milestone.extensions.all()
        if e.state == ExtensionState.GRANTED
    )
    last_due = max(m.due_at for m in others.values())
    return clocks.extension_bounds(engagement, milestone, begins, granted, last_due)


def _on_extension(side, extension) -> dict[str, str | None]:
    engagement = extension.milestone.engagement
    if side is None or side == asked_by_side(extension):
        return {}
    if extension.state != ExtensionState.ASKED:
        return {"answer": "This has been answered."}
    return {"answer": _active(engagement)}


def asked_by_side(extension: Extension) -> str:
    return "student" if extension.asked_by_id == extension.milestone.engagement.student_id else "employer"


# --- money ------------------------------------------------------------------------------------------------
def money_of(engagement: Engagement) -> Hold | None:
    return holds.hold_for(engagement.hold_ref) if engagement.hold_id else None


def cancel_preview(engagement: Engagement, side: str, at: datetime | None = None) -> split.Split:
    """What a cancellation by `side` ("employer", "student", "clock") would come to now, or came to `at`."""
    at = at or clock.now()
    milestones = list(engagement.milestones.all())
    approved = sum(m.net for m in milestones if m.state == M.APPROVED)
    left = [m for m in milestones if m.state in UNFINISHED]
    parts = [(m.net, m.fee, m.sponsored) for m in left]
    if not engagement.started_at:
        caused = side == "clock" and kickoff_cause(engagement) == "employer"
        penalty = clocks.rule(engagement, "kickoff_penalty_bp") if caused else 0
        return split.never_started(parts, penalty, engagement.currency)
    if side != "employer":
        return split.student_cancels(approved, parts, engagement.currency)
    submitted = sum(m.net for m in left if m.state == M.SUBMITTED)
    end = max(m.due_at for m in milestones)
    whole = (end - engagement.started_at).total_seconds()
    elapsed = (at - engagement.started_at).total_seconds() / whole if whole > 0 else 1.0
    return split.employer_cancels(approved, parts, submitted, elapsed, engagement.currency)


def can_start(engagement: Engagement) -> bool:
    """Whether both sides are there to start by the agreed date."""
    return _student_there(engagement) and _employer_there(engagement)


def kickoff_cause(engagement: Engagement) -> str:
    """Which side kept the work from starting. The employer set the date, so it is theirs unless the student is away."""
    return "student" if not _student_there(engagement) else "employer"


def _student_there(engagement) -> bool:
    return engagement.student.is_active and not engagement.student.suspended_at


def _employer_there(engagement) -> bool:
    return (
        not engagement.organisation.suspended_at
        and Membership.objects.filter(
            organisation_id=engagement.organisation_id, user__is_active=True
        ).exists()
    )


# --- one workspace, one milestone ------------------------------------------------------------------------
def whole(user):
    """`visible_to`, with everything that the workspace page reads."""
    submissions = (
        Submission.objects.select_related("change_request").prefetch_related("files").order_by("-version")
    )
    milestones = Milestone.objects.order_by("order").prefetch_related(
        Prefetch("submissions", submissions),
        Prefetch("extensions", Extension.objects.select_related("asked_by")),
    )
    return (
        visible_to(user)
        .select_related("hold", "offer", "agreement", "cancellation", "credential")
        .prefetch_related(Prefetch("milestones", milestones), "reviews", "disputes")
    )


def versions_of(milestone: Milestone):
    """The submissions of a milestone, newest first, with files and what was asked about each."""
    return (
        Submission.objects.filter(milestone=milestone)
        .select_related("by", "change_request__by")
        .prefetch_related("files")
        .order_by("-version")
    )


def open_extensions(engagement: Engagement) -> list[Extension]:
    """What is asked for and not answered; reads what `whole` has fetched."""
    return [
        e for m in engagement.milestones.all() for e in m.extensions.all() if e.state == ExtensionState.ASKED
    ]
