"""The work starts, and is handed in version by version."""

from collections.abc import Sequence

from django.db import transaction

from marketplace.ground import clock
from marketplace.ground.errors import WrongMoment
from marketplace.ground.states import move
from projects.applying.actions import decline_rest
from projects.applying.states import DeclineReason
from projects.hiring.models import Engagement, Milestone
from projects.hiring.states import EngagementState, MilestoneState

from .. import clocks, notices, queries
from ..files import kept_files
from ..inputs import clean_work
from ..models import Submission
from .common import lock, lock_milestone, move_dates, withdraw_extensions

E, M = EngagementState, MilestoneState


def kick_off(*, by, engagement: Engagement) -> Engagement:
    """Start the work: the first click of either side, or (`by` None) the agreed day.

    When it starts later than agreed, every date moves by as many days. Raises `NotAllowed`, `WrongMoment`.
    """
    with transaction.atomic():
        row, now = lock(engagement), clock.now()
        if by is not None:
            queries.insist(by, row, "kick_off")
        elif (
            row.state != E.FUNDED
            or queries.stands_still(row)
            or now < clocks.agreed_start(row)
            or not queries.can_start(row)
        ):
            raise WrongMoment("It is not time to start.")
        moved = clocks.late_start_days(row, now)
        move(row, E.ACTIVE, by=by, reason="" if by else "agreed_start", started_at=now)
        milestones = list(row.milestones.all())
        move_dates(row, milestones, moved, "The work started later than agreed.")
        move(milestones[0], M.IN_PROGRESS, by=by)
        decline_rest(row.project, reason=DeclineReason.FILLED)  # the reserve was kept until now
        notices.tell_started(row, by, moved)
    return row


def submit_work(
    *,
    by,
    milestone: Milestone,
    note: str = "",
    links: Sequence[str] = (),
    files: Sequence = (),
    ai_note: str = "",
    hours=None,
) -> Submission:
    """Hand in one version of a milestone and start the employer's review clock.

    links: addresses (http, https), at most 10. files: `UploadedFile`s, at most 10. ai_note: where AI tools were
    used, needed when the agreement asks for it. hours: what it took, if the student says. The next milestone may
    begin meanwhile. Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    queries.insist(by, queries.fresh(milestone), "submit")
    work = clean_work(
        queries.ai_rule(milestone.engagement),
        note=note,
        links=links,
        files=files,
        ai_note=ai_note,
        hours=hours,
    )
    with kept_files() as keep, transaction.atomic():
        row = lock_milestone(milestone)
        queries.insist(by, row, "submit")
        engagement, now = row.engagement, clock.now()
        rows = list(engagement.milestones.all())
        submission = Submission.objects.create(
            milestone=row,
            version=row.submissions.count() + 1,
            by=by,
            at=now,
            late=now > row.due_at,
            **work.facts,
        )
        for name, upload in work.files:
            keep(submission, name, upload)
        ends = clocks.review_end(engagement, now, last=row.order == rows[-1].order)
        move(
            row,
            M.SUBMITTED,
            by=by,
            reason=f"version_{submission.version}",
            submitted_at=now,
            review_ends_at=ends,
        )
        withdraw_extensions(row, by)
        if not any(other.state in queries.OPEN_WORK for other in rows):
            following = next((other for other in rows if other.state == M.PLANNED), None)
            if following:
                move(following, M.IN_PROGRESS)
        notices.tell_submitted(submission)
    return submission
