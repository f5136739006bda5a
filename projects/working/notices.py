"""What people are told while they work together. One small function per message."""

from datetime import datetime

from django.urls import reverse

from accounts.employers.queries import members
from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind
from marketplace.ground.money import show
from projects.posting.wording import count, moment

KICKOFF = kind("kickoff", "A project starts", group="Work")
KICKOFF_NEEDED = kind("kickoff_needed", "A project waits to be started", group="Work", action=True)
MILESTONE_DUE = kind("milestone_due", "A milestone is due in 48 hours, due today, or overdue", group="Work")
SUBMISSION = kind("submission", "Work was handed in", group="Work", action=True, roles=("employer",))
CHANGES = kind("changes_requested", "Changes were asked for", group="Work", action=True, roles=("student",))
REVIEW_ENDING = kind(
    "review_ending",
    "Your time to look at work is running out",
    group="Work",
    action=True,
    roles=("employer",),
)
APPROVED = kind("approved", "Work was approved", group="Work")
EXTENSION = kind("extension", "More time was asked for or answered", group="Work")
COMPLETED = kind("completed", "A project is completed", group="Work")
CANCELLED = kind("engagement_cancelled", "A project is cancelled", group="Money", always=True)
HOLD_LIMIT = kind(
    "hold_limit", "Secured funds have reached their limit", group="Money", always=True, action=True
)


def when(at: datetime, user) -> str:
    return moment(at, user.zone)


def days(number: int) -> str:
    return count(number, "day")


def workspace(engagement) -> str:
    return reverse("working:workspace", args=[engagement.public_id])


def employers(engagement, but=None):
    """The people of the employer who are told, without the one who acted."""
    return [user for user in members(engagement.organisation) if but is None or user.pk != but.pk]


def both(engagement, but=None):
    return [user for user in (engagement.student, *employers(engagement)) if but is None or user.pk != but.pk]


def tell_started(engagement, by, moved: int) -> None:
    first = engagement.milestones.order_by("order").first()
    for user in both(engagement, but=by):
        later = (
            f"\n\nIt starts {days(moved)} later than agreed, so every date has moved by as much."
            if moved
            else ""
        )
        notify(
            user,
            KICKOFF,
            thing=engagement,
            title=f"“{engagement.title}” has started",
            body=f"The first milestone is “{first.title}”, due {when(first.due_at, user)}.{later}",
            url=workspace(engagement),
            label="Open the workspace",
        )


def tell_kickoff_needed(engagement, deadline: datetime, part: str) -> None:
    for user in both(engagement):
        notify(
            user,
            KICKOFF_NEEDED,
            thing=engagement,
            deadline=deadline,
            part=part,
            reminder=True,
            title=f"Start “{engagement.title}”",
            body=f"The funds are secured, and the work has not started. One click of either of you starts it. If "
            f"nobody does, the project is cancelled on {when(engagement.kickoff_cancel_at, user)}.",
            url=workspace(engagement),
            label="Open the workspace",
        )


def tell_submitted(submission) -> None:
    milestone = submission.milestone
    for user in employers(milestone.engagement):
        notify(
            user,
            SUBMISSION,
            thing=submission,
            title=f"{milestone.engagement.student.get_short_name()} handed in “{milestone.title}”",
            body=f"Approve it or ask for changes by {when(milestone.review_ends_at, user)}. If nobody answers "
            "until then, it counts as approved and the pay is released.",
            url=reverse("working:milestone", args=[milestone.public_id]),
            label="Look at the work",
        )


def tell_changes(change) -> None:
    milestone = change.milestone
    student = milestone.engagement.student
    points = "\n\n".join(change.points)
    notify(
        student,
        CHANGES,
        thing=change,
        title=f"Changes asked for in “{milestone.title}”",
        body=f"This is round {change.round}. The next version is due {when(change.due_at, student)}.\n\n{points}",
        url=reverse("working:milestone", args=[milestone.public_id]),
        label="See what to change",
    )


def tell_review_ending(milestone, user, part: str) -> None:
    notify(
        user,
        REVIEW_ENDING,
        thing=milestone,
        deadline=milestone.review_ends_at,
        part=part,
        reminder=True,
        title=f"“{milestone.title}” counts as approved on {when(milestone.review_ends_at, user)}",
        body="Approve it or ask for changes before then. After that it counts as approved and the pay is released.",
        url=reverse("working:milestone", args=[milestone.public_id]),
        label="Look at the work",
    )


def tell_approved(milestone, moved: int) -> None:
    engagement = milestone.engagement
    student = engagement.student
    why = (
        "Nobody answered in time, so it counts as approved."
        if milestone.approved_by_silence
        else f"{engagement.organisation.name} approved it."
    )
    later = f" Your later dates moved by {days(moved)}, as long as you waited." if moved else ""
    notify(
        student,
        APPROVED,
        thing=milestone,
        title=f"“{milestone.title}” is approved",
        body=f"{why} {show(milestone.net, engagement.currency)} is yours.{later}",
        url=workspace(engagement),
        label="Open the workspace",
    )
    if milestone.approved_by_silence:
        for user in employers(engagement):
            notify(
                user,
                APPROVED,
                thing=milestone,
                title=f"“{milestone.title}” counts as approved",
                body="The time to answer is over, so it counts as approved and the pay is released.",
                url=workspace(engagement),
                label="Open the workspace",
            )


def tell_due(milestone, part: str) -> None:
    student = milestone.engagement.student
    said = {"48h": "is due in two days", "today": "is due today", "overdue": "is overdue"}[part]
    asks = {
        "48h": "If you need more time, ask now: later than 48 hours before, it can no longer be asked for.",
        "today": "Hand in what you have, and say in the note what is still open.",
        "overdue": "You can still hand it in. Write to the other side when they can expect it.",
    }[part]
    if milestone.rounds_used and part == "48h":
        asks = "These are the changes that were asked for."
    notify(
        student,
        MILESTONE_DUE,
        thing=milestone,
        deadline=milestone.due_at,
        part=part,
        reminder=True,
        title=f"“{milestone.title}” {said}",
        body=f"Due {when(milestone.due_at, student)}. {asks}",
        url=reverse("working:milestone", args=[milestone.public_id]),
        label="Open the milestone",
    )
    if part == "overdue":
        for user in employers(milestone.engagement):
            notify(
                user,
                MILESTONE_DUE,
                thing=milestone,
                deadline=milestone.due_at,
                part=part,
                reminder=True,
                title=f"“{milestone.title}” {said}",
                body=f"It was due {when(milestone.due_at, user)}. "
                f"{milestone.engagement.student.get_short_name()} has been reminded.",
                url=workspace(milestone.engagement),
                label="Open the workspace",
            )


def tell_extension_asked(extension) -> None:
    milestone, asker = extension.milestone, extension.asked_by
    for user in both(milestone.engagement, but=asker):
        if asker.pk != milestone.engagement.student_id and user.pk != milestone.engagement.student_id:
            continue  # a colleague of whoever asked
        notify(
            user,
            EXTENSION,
            thing=extension,
            part="asked",
            title=f"{asker.get_short_name()} asks for more time",
            body=f"“{milestone.title}” until {when(extension.until, user)}. They wrote:\n\n{extension.reason}\n\n"
            f"Answer by {when(extension.answer_by, user)}; without an answer it is granted.",
            url=workspace(milestone.engagement),
            label="Answer",
        )


def tell_extension_answered(extension, by, granted: bool) -> None:
    title = "There is more time" if granted else "The date stays as it is"
    note = f"\n\nThey wrote:\n\n{extension.answer_note}" if extension.answer_note else ""
    for user in both(extension.milestone.engagement, but=by):
        notify(
            user,
            EXTENSION,
            thing=extension,
            part="answered",
            title=title,
            body=f"“{extension.milestone.title}” is due {when(extension.milestone.due_at, user)}.{note}",
            url=workspace(extension.milestone.engagement),
            label="Open the workspace",
        )


def tell_completed(engagement) -> None:
    settled = engagement.milestones.filter(state="cancelled").exists()  # by a dispute
    done = "Every milestone is approved or settled." if settled else "Every milestone is approved."
    for user in both(engagement):
        notify(
            user,
            COMPLETED,
            thing=engagement,
            title=f"“{engagement.title}” is completed",
            body=f"{done} Say how it went: neither side sees the other's review before both "
            f"are in, or before {when(engagement.review_until, user)}.",
            url=reverse("reviewing:review", args=[engagement.public_id]),
            label="Write your review",
        )


def tell_cancelling(cancellation) -> None:
    """The employer cancelled; the student has some time to hand in what there is."""
    engagement = cancellation.engagement
    student = engagement.student
    note = f"\n\nThey wrote:\n\n{cancellation.note}" if cancellation.note else ""
    notify(
        student,
        CANCELLED,
        thing=cancellation,
        part="asked",
        title=f"{engagement.organisation.name} is ending “{engagement.title}”",
        body=f"Hand in what there is by {when(cancellation.settles_at, student)}: what you hand in counts for what "
        f"you are paid.{note}",
        url=workspace(engagement),
        label="Hand in your work",
    )


def tell_cancelled(cancellation) -> None:
    engagement = cancellation.engagement
    pays = show(cancellation.pays, engagement.currency)
    refunds = show(cancellation.refunds, engagement.currency)
    note = f"\n\nThe reason given:\n\n{cancellation.note}" if cancellation.note else ""
    title = f"“{engagement.title}” is cancelled"
    paid = (
        f"You get {pays} more than what was approved." if cancellation.pays else "Approved work stays paid."
    )
    if not engagement.started_at and not cancellation.pays:
        paid = "Work had not started, so nothing is due."
    notify(
        engagement.student,
        CANCELLED,
        thing=cancellation,
        part="settled",
        title=title,
        body=paid + note,
        url=workspace(engagement),
        label="Open the workspace",
    )
    for user in employers(engagement):
        notify(
            user,
            CANCELLED,
            thing=cancellation,
            part="settled",
            title=title,
            body=f"{refunds} goes back to you; {pays} more goes to {engagement.student.name}.{note}",
            url=workspace(engagement),
            label="Open the workspace",
        )


def tell_limit(engagement, moderators) -> None:
    """Work that was handed in or is disputed is never refunded by a clock: a moderator decides."""
    for user in moderators:
        notify(
            user,
            HOLD_LIMIT,
            thing=engagement,
            title=f"Decide about the funds of “{engagement.title}”",
            body="They have been held as long as the rules allow, and work was handed in or is disputed. No clock "
            "gives such money back.",
            url=workspace(engagement),
            label="Open the workspace",
        )
