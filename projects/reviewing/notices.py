"""What people are told about reviews and records."""

from django.urls import reverse

from accounts.employers.queries import members
from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind
from projects.posting.wording import moment

from .models import Side

WINDOW = kind("review_window", "Your time to review is running out", group="Work", action=True)
REVIEWED = kind("reviewed", "A review of you is public", group="Work")
RECORD = kind("record", "Your record of a completed project", group="Work", roles=("student",))


def _people(engagement, side: str) -> list:
    return [engagement.student] if side == Side.STUDENT else list(members(engagement.organisation))


def tell_window(engagement, side: str) -> None:
    for user in _people(engagement, side):
        notify(
            user,
            WINDOW,
            thing=engagement,
            deadline=engagement.review_until,
            reminder=True,
            title=f"Say how “{engagement.title}” went",
            body=f"You can until {moment(engagement.review_until, user.zone)}. After that the review of you is shown "
            "without yours beside it.",
            url=reverse("reviewing:review", args=[engagement.public_id]),
            label="Write your review",
        )


def tell_published(review) -> None:
    """To the side that the review is about."""
    engagement = review.engagement
    about = Side.EMPLOYER if review.side == Side.STUDENT else Side.STUDENT
    author = (
        engagement.student.get_short_name() if review.side == Side.STUDENT else engagement.organisation.name
    )
    for user in _people(engagement, about):
        notify(
            user,
            REVIEWED,
            thing=review,
            title=f"{author} reviewed you",
            body=f"The time to review “{engagement.title}” is over, or both of you have. You can read it now.",
            url=reverse("reviewing:review", args=[engagement.public_id]),
            label="Read it",
        )


def tell_record(credential) -> None:
    notify(
        credential.student,
        RECORD,
        thing=credential,
        title="Your record is ready",
        body="It says what you did, for whom and in how many hours, at an address that stays. Share it with whom "
        "you like.",
        url=reverse("reviewing:record", args=[credential.public_id]),
        label="See your record",
    )
