"""The verbs of working together. Everything locks in the order project, application, engagement, milestone, hold."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects

from accounts.employers.actions import mark_proven
from marketplace.ground import calendar, clock
from marketplace.ground.errors import Invalid, WrongMoment
from marketplace.ground.states import move, record
from payments.holds import actions as money
from projects.applying.actions import decline_rest, reopen_for_reserve
from projects.applying.states import DeclineReason
from projects.hiring.actions.funding import lock_engagement
from projects.hiring.models import Engagement, Milestone
from projects.hiring.signals import engagement_ended
from projects.hiring.states import EndReason, EngagementState, MilestoneState

from . import clocks, due, notices, queries
from .files import kept_files
from .inputs import clean_changes, clean_text, clean_work
from .models import Cancellation, ChangeRequest, Extension, Submission
from .states import ExtensionState

E, M, Side = EngagementState, MilestoneState, Cancellation.Side


# --- the locks --------------------------------------------------------------------------------------------
def _lock(engagement: Engagement) -> Engagement:
    """Project, application, engagement and its milestones, locked in that order and read anew."""
    _, _, row = lock_engagement(engagement)
    milestones = Milestone.objects.select_for_update(of=("self",)).order_by("order")
    prefetch_related_objects([row], Prefetch("milestones", milestones))
    return row


def _lock_milestone(milestone: Milestone) -> Milestone:
    engagement = _lock(milestone.engagement)
    return next(row for row in engagement.milestones.all() if row.pk == milestone.pk)


# --- the start -----------------------------------------------------------------------------------------
def kick_off(*, by, engagement: Engagement) -> Engagement:
    """Start the work: the first click of either side, or (`by` None) the agreed day.

    When it starts later than agreed, every date moves by as many days. Raises `NotAllowed`, `WrongMoment`.
    """
    with transaction.atomic():
        row, now = _lock(engagement), clock.now()
        if by is not None:
            queries.insist(by, row, "kick_off")
        elif (row.state != E.FUNDED or queries.stands_still(row) or now < clocks.agreed_start(row)
              or not queries.can_start(row)):
            raise WrongMoment("It is not time to start.")
        moved = clocks.late_start_days(row, now)
        move(row, E.ACTIVE, by=by, reason="" if by else "agreed_start", started_at=now)
        milestones = list(row.milestones.all())
        _move_dates(row, milestones, moved, "The work started later than agreed.")
        move(milestones[0], M.IN_PROGRESS, by=by)
        decline_rest(row.project, reason=DeclineReason.FILLED)  # the reserve was kept until now
        notices.tell_started(row, by, moved)
    return row


def _move_dates(engagement: Engagement, milestones: Sequence[Milestone], days: int, why: str) -> None:
    """Move the dates of unfinished `milestones` (and of what is asked for them) by whole calendar days."""
    zone = clocks.zone_of(engagement)
    for row in milestones if days > 0 else ():
        if row.state in (M.PLANNED, M.IN_PROGRESS, M.CHANGES_REQUESTED):
            row.due_at = clocks.shift(row.due_at, days, zone)
            row.save(update_fields=["due_at"])
            for asked in row.extensions.filter(state=ExtensionState.ASKED):
                asked.due_before = clocks.shift(asked.due_before, days, zone)
                asked.until = clocks.shift(asked.until, days, zone)
                asked.save(update_fields=["due_before", "until"])
    if days > 0:
        record(engagement, "dates_moved", reason="dates_moved", note=f"{why} Moved by {notices.days(days)}.")
        _keep_last_day(engagement)


def _keep_last_day(engagement: Engagement) -> None:
    zone = clocks.zone_of(engagement)
    last = max(clocks.local_day(row.due_at, zone) for row in engagement.milestones.all())
    if last > engagement.due_on:
        engagement.due_on = last
        engagement.save(update_fields=["due_on"])


def _count_waiting(engagement: Engagement, milestone: Milestone, now: datetime) -> int:
    """A review of `milestone` ends now: the dates after it move by the days that the student waited."""
    rows = list(engagement.milestones.all())
    days = clocks.waited_days(rows, due.last_review_end(engagement), now, clocks.zone_of(engagement))
    later = [row for row in rows if row.order > milestone.order and row.state in queries.UNFINISHED]
    if later:
        _move_dates(engagement, later, days, f"“{milestone.title}” waited for an answer.")
    return days if later else 0


# --- the work ------------------------------------------------------------------------------------------
def submit_work(*, by, milestone: Milestone, note: str = "", links: Sequence[str] = (), files: Sequence = (),
                ai_note: str = "", hours=None) -> Submission:
    """Hand in one version of a milestone and start the employer's review clock.

    links: addresses (http, https), at most 10. files: `UploadedFile`s, at most 10. ai_note: where AI tools were
    used, needed when the agreement asks for it. hours: what it took, if the student says. The next milestone may
    begin meanwhile. Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    queries.insist(by, queries.fresh(milestone), "submit")
    work = clean_work(queries.ai_rule(milestone.engagement), note=note, links=links, files=files, ai_note=ai_note,
                      hours=hours)
    with kept_files() as keep, transaction.atomic():
        row = _lock_milestone(milestone)
        queries.insist(by, row, "submit")
        engagement, now = row.engagement, clock.now()
        rows = list(engagement.milestones.all())
        submission = Submission.objects.create(
            milestone=row, version=row.submissions.count() + 1, by=by, at=now, late=now > row.due_at, **work.facts)
        for name, upload in work.files:
            keep(submission, name, upload)
        ends = clocks.review_end(engagement, now, last=row.order == rows[-1].order)
        move(row, M.SUBMITTED, by=by, reason=f"version_{submission.version}", submitted_at=now, review_ends_at=ends)
        _withdraw_extensions(row, by)
        if not any(other.state in queries.OPEN_WORK for other in rows):
            following = next((other for other in rows if other.state == M.PLANNED), None)
            if following:
                move(following, M.IN_PROGRESS)
        notices.tell_submitted(submission)
    return submission


def _withdraw_extensions(milestone: Milestone, by) -> None:
    for asked in milestone.extensions.select_for_update().filter(state=ExtensionState.ASKED):
        move(asked, ExtensionState.WITHDRAWN, by=by)


def request_changes(*, by, milestone: Milestone, points: Sequence[str]) -> ChangeRequest:
    """Ask for one round of changes, point by point (1 to 10). Raises `NotAllowed`, `WrongMoment`, `Invalid`."""
    queries.insist(by, queries.fresh(milestone), "request_changes")
    points = clean_changes(points)
    with transaction.atomic():
        row = _lock_milestone(milestone)
        queries.insist(by, row, "request_changes")
        engagement, now = row.engagement, clock.now()
        _count_waiting(engagement, row, now)
        number, until = row.rounds_used + 1, clocks.revision_due(engagement, now)
        change = ChangeRequest.objects.create(
            milestone=row, submission=row.submissions.first(), round=number, points=points, due_at=until, by=by, at=now)
        move(row, M.CHANGES_REQUESTED, by=by, reason=f"round_{number}", note="\n".join(points), rounds_used=number,
             due_at=until, review_ends_at=None)
        _keep_last_day(engagement)
        notices.tell_changes(change)
    return change


def approve_milestone(*, by, milestone: Milestone, silence: bool = False) -> Milestone:
    """Approve what was handed in and release its money in the same transaction.

    silence: the review clock has ended and nobody answered (`by` is None then). The last approval completes the
    engagement. Raises `NotAllowed`, `WrongMoment`.
    """
    with transaction.atomic():
        row = _lock_milestone(milestone)
        if silence:
            _ensure_silence(row)
        else:
            queries.insist(by, row, "approve")
        _approve(row, by=None if silence else by, silence=silence)
        _complete_if_done(row.engagement, by)
    return row


def approve_all(*, by, engagement: Engagement) -> list[Milestone]:
    """Approve everything that is handed in, at once. Raises `NotAllowed`, `WrongMoment`."""
    with transaction.atomic():
        row = _lock(engagement)
        queries.insist(by, row, "approve_all")
        waiting = [m for m in row.milestones.all() if m.state == M.SUBMITTED]
        for milestone in waiting:
            _approve(milestone, by=by, silence=False)
        _complete_if_done(row, by)
    return waiting


def _ensure_silence(row: Milestone) -> None:
    engagement = row.engagement
    over = row.state == M.SUBMITTED and row.review_ends_at and row.review_ends_at <= clock.now()
    if not over or engagement.state != E.ACTIVE or queries.stands_still(engagement):
        raise WrongMoment("The time to answer is not over.")


def _approve(row: Milestone, *, by, silence: bool) -> None:
    engagement, now = row.engagement, clock.now()
    moved = _count_waiting(engagement, row, now)
    reason = "silence" if silence else "approved"
    move(row, M.APPROVED, by=by, reason=reason, approved_at=now, approved_by_silence=silence)
    money.release_part(by=by, part=queries.part_of(row), reason=reason)
    notices.tell_approved(row, moved)


def _complete_if_done(engagement: Engagement, by) -> None:
    if any(m.state in queries.UNFINISHED for m in engagement.milestones.all()):
        return
    now = clock.now()
    ending = queries.cancelling(engagement)
    if ending:
        Cancellation.objects.filter(pk=ending.pk).update(settled_at=now, basis=Cancellation.Basis.NOTHING)
    clean = not queries.ever_disputed(engagement) and not queries.ever_refunded(engagement)
    move(engagement, E.COMPLETED, by=by, end_reason=EndReason.DONE, ended_at=now, review_until=_review_until(engagement))
    if clean:
        mark_proven(engagement.organisation)
    engagement_ended.send(sender=Engagement, engagement=engagement)
    notices.tell_completed(engagement)


def _review_until(engagement: Engagement) -> datetime:
    until = clock.now() + timedelta(days=clocks.rule(engagement, "peer_review_days"))
    return calendar.after_quiet(until, clocks.zone_of(engagement))


# --- more time -----------------------------------------------------------------------------------------
def ask_extension(*, by, milestone: Milestone, until: date, reason: str) -> Extension:
    """Ask for more time until the end of the day `until`. Raises `NotAllowed`, `WrongMoment`, `Invalid`."""
    queries.insist(by, queries.fresh(milestone), "ask_extension")
    reason = clean_text("reason", reason, 500, "Say why, in a sentence.")
    with transaction.atomic():
        row = _lock_milestone(milestone)
        queries.insist(by, row, "ask_extension")
        first, last = queries.extension_days(row)
        if not first <= until <= last:
            raise Invalid({"until": [f"Choose a day from {first:%-d %B} to {last:%-d %B}."]})
        engagement, now = row.engagement, clock.now()
        zone = clocks.zone_of(engagement)
        hours = clocks.rule(engagement, "extension_answer_hours")
        extension = Extension.objects.create(
            milestone=row, due_before=row.due_at, until=calendar.end_of_day(until, zone), reason=reason, asked_by=by,
            asked_at=now, answer_by=calendar.after_quiet(now + timedelta(hours=hours), zone))
        record(extension, extension.state, by=by, note=reason)
        notices.tell_extension_asked(extension)
    return extension


def answer_extension(*, by, extension: Extension, grant: bool, note: str = "") -> Extension:
    """Grant or refuse more time; `by` None grants when nobody answered in time. Later dates move along.

    Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    with transaction.atomic():
        milestone = _lock_milestone(extension.milestone)
        row = Extension.objects.select_for_update().get(pk=extension.pk)
        row.milestone, engagement, now = milestone, milestone.engagement, clock.now()
        if by is not None:
            queries.insist(by, row, "answer")
            note = clean_text("note", note, 500)
        elif row.state != ExtensionState.ASKED or row.answer_by > now or not queries.is_running(engagement):
            raise WrongMoment("The time to answer is not over.")
        state = ExtensionState.GRANTED if grant else ExtensionState.REFUSED
        move(row, state, by=by, reason="" if by else "silence", note=note, answered_at=now, answer_note=note)
        if grant:
            _extend(engagement, milestone, row)
        notices.tell_extension_answered(row, by, grant)
    return row


def _extend(engagement: Engagement, milestone: Milestone, extension: Extension) -> None:
    zone = clocks.zone_of(engagement)
    days = (clocks.local_day(extension.until, zone) - clocks.local_day(milestone.due_at, zone)).days
    rows = [row for row in engagement.milestones.all() if row.order >= milestone.order]
    _move_dates(engagement, rows, days, f"More time for “{milestone.title}”.")


# --- the end before the end ----------------------------------------------------------------------------
def cancel_engagement(*, by, engagement: Engagement, note: str = "") -> Cancellation:
    """Cancel a project by the rules of the agreement; `queries.cancel_preview` says what it comes to.

    Before kick-off everything goes back. After, a student's cancellation settles at once; an employer's in 48
    hours, in which the student can still hand in. Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    with transaction.atomic():
        row = _lock(engagement)
        queries.insist(by, row, "cancel")
        note = clean_text("note", note, 1000)
        side, now = queries.side_of(by, row), clock.now()
        grace = side == Side.EMPLOYER and row.state == E.ACTIVE
        cancellation = Cancellation.objects.create(
            engagement=row, side=side, by=by, note=note, asked_at=now,
            settles_at=now + clocks.CANCEL_GRACE if grace else now)
        if grace:
            record(row, "ending", by=by, note=note, old=row.state)
            notices.tell_cancelling(cancellation)
        else:
            reason = EndReason.BY_EMPLOYER if side == Side.EMPLOYER else EndReason.BY_STUDENT
            _settle(row, cancellation, reason, by)
    return cancellation


def settle_cancellation(cancellation: Cancellation) -> Cancellation:
    """The employer's 48 hours are over: pay what is due and return the rest. Raises `WrongMoment` when it is not time."""
    with transaction.atomic():
        row = _lock(cancellation.engagement)
        found = queries.cancelling(row)
        if not found or found.settles_at > clock.now() or not queries.is_running(row):
            raise WrongMoment("It is not time to settle this.")
        _settle(row, found, EndReason.BY_EMPLOYER, found.by)
    return found


def cancel_by_clock(engagement: Engagement) -> Cancellation:
    """End what never started, or what was held as long as the rules allow with nothing handed in.

    Raises `WrongMoment` when neither is so.
    """
    with transaction.atomic():
        row = _lock(engagement)
        now = clock.now()
        reason = due.due_to_end(row, now)
        if reason is None:
            raise WrongMoment("It is not time to end this.")
        cancellation, _ = Cancellation.objects.get_or_create(
            engagement=row, defaults={"side": Side.CLOCK, "asked_at": now, "settles_at": now})
        _settle(row, cancellation, reason, None)
    return cancellation


def _settle(engagement: Engagement, cancellation: Cancellation, reason: str, by) -> None:
    now = clock.now()
    if engagement.state == E.FUNDED:
        reopen_for_reserve(engagement.project)
    owed = queries.cancel_preview(engagement, cancellation.side, cancellation.asked_at)
    refund = money.refund_rest(by=by, hold=engagement.hold, reason=EndReason(reason).label, pay_student_net=owed.pays)
    for milestone in engagement.milestones.all():
        if milestone.state in queries.UNFINISHED:
            move(milestone, M.CANCELLED, by=by, reason=reason)
            _withdraw_extensions(milestone, by)
    cancellation.settled_at, cancellation.basis = now, owed.basis
    cancellation.pays, cancellation.refunds = owed.pays, refund.amount if refund else 0
    cancellation.save(update_fields=["settled_at", "basis", "pays", "refunds"])
    until = _review_until(engagement) if engagement.started_at else None
    move(engagement, E.CANCELLED, by=by, reason=reason, note=cancellation.note, end_reason=reason, ended_at=now,
         review_until=until)
    engagement_ended.send(sender=Engagement, engagement=engagement)
    notices.tell_cancelled(cancellation)
